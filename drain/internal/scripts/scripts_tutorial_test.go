package scripts_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/view"
)

// tutorial is the script of somebody who follows draintest's package comment.
func tutorial() {
	var r drain.Release
	apply := r.Flags(flag.CommandLine)
	flag.Parse()
	if err := apply(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(2)
	}
	os.Exit(view.Deploy(r))
}

func TestTheTutorialOfDraintestSucceedsAndFailsAsItSays(t *testing.T) {
	t.Parallel()
	comment, err := os.ReadFile("../../draintest/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^//[\t ]?`).ReplaceAllString(string(comment), "")
	_, text, _ = strings.Cut(text, "exec flysim init\n")
	session, text, _ := strings.Cut(text, "\n# Break it")
	session = "exec flysim init\n" + session
	text, _, _ = strings.Cut(text, "\n# The commands")
	mistakes := regexp.MustCompile(`(?m)^exec .*$`).FindAllString(text, -1)
	if len(mistakes) != 5 {
		t.Fatalf("the tutorial has mistakes %q", mistakes)
	}
	with := func(mistake string, instead ...string) string {
		return strings.NewReplacer(append([]string{"exec deploy", mistake + "\nexec deploy"}, instead...)...).Replace(session)
	}
	stays := []string{"stdout 'ended 4 .*cut 0'", "stdout 'cut 0'"}
	scripts := []string{
		session,
		with(mistakes[0], "exec flysim breaches", "! exec flysim breaches\nstdout S1\nstdout S2\nstdout S4", stays[0], "stdout 'cut 2'"),
		with(mistakes[1]),
		strings.Replace(with(mistakes[2], stays...), "\nexec deploy", "\nexits 1 deploy", 1),
		strings.Replace(with(mistakes[3], stays...), "\nexec deploy", "\nexits 1 deploy", 1),
		strings.Replace(with(mistakes[4], stays[0], "stdout 'cut 2 .*by outside: destroy'"), "\nexec deploy", "\nexits 1 deploy", 1),
	}
	if os.Getenv("FLYDRAIN_LONG") == "" {
		scripts = scripts[:2] // one that succeeds, and one that fails
	}
	var files []string
	for i, script := range scripts {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("tutorial-%d.txtar", i))
		if err := os.WriteFile(path, []byte(script), 0o666); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	p := draintest.Params("")
	p.Files = files
	testscript.Run(t, p)
}
