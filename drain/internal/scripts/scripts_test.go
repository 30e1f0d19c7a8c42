// Package scripts_test runs the sessions of testdata/script: programs that run the
// simulated flyctl as a process of its own.
package scripts_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

// scriptDir has the scripts, and the fly.toml of those that have none of their own.
var scriptDir = filepath.Join("..", "..", "..", "testdata", "script")

// planted is the token that all scripts run with, and that none may print.
const planted = "fo1_planted-token-that-nothing-prints"

func TestMain(m *testing.M) {
	// Scripts mostly wait; -parallel on the command line comes after this.
	_ = flag.Set("test.parallel", "16")
	testscript.Main(m, map[string]func(){"flyctl": draintest.Main, "flysim": draintest.Sim, "steps": steps, "deploy": tutorial})
}

// Each of testdata/script is a session with programs that run the simulated
// flyctl; flysim sets the simulated Fly up and asks it.
func TestScript(t *testing.T) {
	t.Parallel()
	built := t.TempDir()
	fake := sync.OnceValue(func() error { return build(built, "drain/draintest/", "flyctl", "flysim") })
	programs := sync.OnceValue(func() error { return build(built, "examples/", examples...) })
	bin, err := exec.LookPath("steps")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(filepath.Join(scriptDir, "fly.toml"))
	if err != nil {
		t.Fatal(err)
	}
	deadline, _ := t.Deadline()
	testscript.RunT(quiet{t}, testscript.Params{
		Deadline:            deadline,
		Files:               scripts(t),
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "next": next},
		Setup: func(e *testscript.Env) error {
			e.Setenv("FLYDRAIN_SIM", filepath.Join(e.WorkDir, "sim"))
			e.Setenv("FLY_API_TOKEN", planted)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("BIN", filepath.Dir(bin))      // of the programs, for scripts without a PATH
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each process sleeps a second under -race
			toml := filepath.Join(e.WorkDir, "fly.toml")
			if _, err := os.Stat(toml); err != nil {
				if err := os.WriteFile(toml, plain, 0o666); err != nil {
					return err
				}
			}
			e.Setenv("PATH", built+string(os.PathListSeparator)+e.Getenv("PATH"))
			if err := fake(); err != nil || forExample(e.WorkDir) == 0 {
				return err
			}
			return programs()
		},
	})
}

// examples are the programs that example-*.txtar run.
var examples = []string{"bluegreen", "demo", "deploy", "monorepo", "pipeline", "reap"}

// build builds programs into a folder. The simulated flyctl, which scripts run some
// thousand times, starts in two thirds of the time that this test's own binary takes.
func build(dir, from string, names ...string) error {
	args := []string{"build", "-ldflags=-s", "-o", dir + string(os.PathSeparator)}
	for _, name := range names {
		args = append(args, "../../../"+from+name)
	}
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", strings.Join(names, ", "), err, out)
	}
	return nil
}

// scripts are those of the example programs, which wait longest, and then the others.
func scripts(t *testing.T) []string {
	files, err := filepath.Glob(filepath.Join(scriptDir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(files, func(a, b string) int {
		return cmp.Compare(forExample(b), forExample(a))
	})
	return files
}

func forExample(path string) int {
	if strings.Contains(filepath.Base(path), "example-") {
		return 1
	}
	return 0
}

// exits is "exec" for a program that must end with an exit code: exits 2 deploy -x
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// quiet is a test that has its scripts tell all they print, looks for the token in
// it, and shows of a script that failed only the part that did.
type quiet struct{ *testing.T }

func (q quiet) Verbose() bool { return true }

func (q quiet) Run(name string, f func(testscript.T)) {
	q.T.Run(name, func(t *testing.T) { f(quiet{t}) })
}

func (q quiet) Log(args ...any) {
	text := fmt.Sprint(args...)
	if strings.Contains(strings.Replace(text, "FLY_API_TOKEN="+planted, "", 1), planted) {
		q.Errorf("the token was printed:\n%s", text)
	}
	if at := strings.LastIndex(text, "\n#"); !testing.Verbose() && at >= 0 {
		text = text[at+1:]
	}
	q.T.Log(text)
}
