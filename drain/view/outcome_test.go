package view_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func TestTheOutcomeIsTheExitCodeAndTheOutputOfAWorkflow(t *testing.T) {
	for result, code := range map[drain.Result]int{drain.ResultDone: 0, drain.ResultFailed: 1, drain.ResultUsage: 2, drain.ResultDraining: 3, drain.ResultLeft: 4, drain.ResultPerson: 5, "": 5} {
		output := filepath.Join(t.TempDir(), "output")
		t.Setenv("GITHUB_OUTPUT", output)
		if err := os.WriteFile(output, []byte("earlier=1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		report := drain.Report{Result: result, Apps: []drain.AppReport{{App: "chat", Draining: []string{"m1"}}}}
		if got := view.Outcome(&b, report, nil); got != code {
			t.Errorf("%q: exit code %d, want %d", result, got, code)
		}
		if b.String() != report.String()+"\n" {
			t.Errorf("%q: %q", result, b.String())
		}
		if got, err := os.ReadFile(output); err != nil || string(got) != "earlier=1\noutcome="+string(result)+"\n" {
			t.Errorf("%q: %v: %q", result, err, got)
		}
	}
}

func TestOutcomeSaysWhyAndIsTheLastLine(t *testing.T) {
	t.Setenv("GITHUB_OUTPUT", filepath.Join(t.TempDir(), "no", "such", "folder"))
	var b bytes.Buffer
	view.Outcome(&b, drain.Report{Result: drain.ResultFailed, Apps: []drain.AppReport{{App: "chat"}}}, errors.New("first "+nasty+"\nsecond"))
	harmless(t, b.String())
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if !strings.HasPrefix(lines[0], "error: first") || !strings.HasPrefix(lines[len(lines)-1], "failed: chat: ") || !strings.Contains(b.String(), "\nwarning: GITHUB_OUTPUT: ") {
		t.Errorf("%q", lines)
	}
}

func TestTheLastLineNamesTheCommandsToRun(t *testing.T) {
	t.Setenv("GITHUB_OUTPUT", "")
	err := errors.New("nobody serves: fly machine uncordon -a chat m1")
	report := drain.Report{Result: drain.ResultDraining, Apps: []drain.AppReport{{App: "chat", Known: true}}, Next: []string{"fly machine uncordon -a chat m1", "deploy -app chat -resume" + nasty}}
	var b, page bytes.Buffer
	view.Outcome(&b, report, err)
	if werr := (&view.Summary{}).Write(&page, report, err); werr != nil {
		t.Fatal(werr)
	}
	for _, text := range []string{b.String(), page.String()} {
		harmless(t, text)
		if strings.Count(text, "next: ") != 1 || strings.Count(text, "deploy -app chat -resume") != 1 {
			t.Errorf("%s", text)
		}
	}
	if !strings.Contains(b.String(), "; next: fly machine uncordon -a chat m1; then: deploy -app chat -resume") {
		t.Errorf("%s", b.String())
	}

	// Where there are many, each is said once above it.
	report.Next = append(report.Next, "fly machine list -a chat", "fly status -a chat")
	b.Reset()
	view.Outcome(&b, report, err)
	for _, command := range []string{"fly machine uncordon -a chat m1", "\nnext: fly machine list -a chat\n", "\nnext: fly status -a chat\n"} {
		if strings.Count(b.String(), command) != 1 {
			t.Errorf("not once %q:\n%s", command, b.String())
		}
	}
}

func TestOfManyErrorsAFewAreWritten(t *testing.T) {
	var all []error
	for i := range 40 {
		all = append(all, fmt.Errorf("machine m%d of chat is not idle", i))
	}
	five := "error: drain: machine m0 of chat is not idle\n  machine m1 of chat is not idle\n  machine m2 of chat is not idle\n  machine m3 of chat is not idle\n  machine m4 of chat is not idle\n"
	for n, want := range map[int]string{1: "error: drain: machine m0 of chat is not idle\n", 5: five, 6: five + "  machine m5 of chat is not idle\n", 40: five + "  and 35 more\n"} {
		var b strings.Builder
		view.Outcome(&b, drain.Report{}, fmt.Errorf("drain: %w", errors.Join(all[:n]...)))
		if b.String() != want+"a person is needed: \n" && b.String() != want+"failed: nothing was begun\n" {
			t.Errorf("%d:\n%s", n, b.String())
		}
	}
}
