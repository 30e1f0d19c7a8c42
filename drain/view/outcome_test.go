package view_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func TestOutcome(t *testing.T) {
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

// auto runs a release with view.Auto on a file, and gives what is in it.
func auto(t *testing.T, a view.Auto) (shown string, code int) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, end := a.Start(f)
	code = end(small(events).deploy(t))
	data, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(data), code
}

func TestAutoShowsLinesASummaryAndTheOutcome(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	t.Setenv("GITHUB_OUTPUT", "")
	shown, code := auto(t, view.Auto{})
	if code != 0 || !strings.Contains(shown, " INFO drain done took=3m") || !strings.HasSuffix(shown, "s\ndone: chat\n") || strings.Contains(shown, "DEBU") {
		t.Errorf("exit code %d:\n%s", code, shown)
	}
	if page, err := os.ReadFile(summary); err != nil || !strings.HasPrefix(string(page), "## ✅ flydrain: done") {
		t.Errorf("%v: %s", err, page)
	}
	if shown, _ := auto(t, view.Auto{Verbose: true}); !strings.Contains(shown, "DEBU connections") {
		t.Errorf("not verbose:\n%s", shown)
	}
	if shown, _ := auto(t, view.Auto{Summary: filepath.Join(summary, "no")}); !strings.Contains(shown, "\nwarning: the summary was not written: ") || !strings.HasSuffix(shown, "\ndone: chat\n") {
		t.Errorf("%s", shown)
	}
}

func TestAutoWithJSONShowsTheOutcomeOnly(t *testing.T) {
	t.Setenv("GITHUB_STEP_SUMMARY", "")
	t.Setenv("GITHUB_OUTPUT", "")
	var out bytes.Buffer
	shown, _ := auto(t, view.Auto{JSON: &out})
	if shown != "done: chat\n" {
		t.Errorf("beside the JSON: %s", shown)
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, `{"time":"2000-01-01T00:`) || !strings.HasSuffix(line, "}\n") {
			t.Errorf("%s", line)
		}
	}
}

func TestAutosFlags(t *testing.T) {
	var a view.Auto
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	a.Flags(fs)
	if err := fs.Parse([]string{"-json", "-v", "-summary", "x.md"}); err != nil || a.JSON != os.Stdout || !a.Verbose || a.Summary != "x.md" {
		t.Errorf("%v: %+v", err, a)
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

// A pipe that nobody reads would hold up the end of a release.
func TestAFileThatIsNoRegularOneIsNotWrittenTo(t *testing.T) {
	t.Setenv("GITHUB_OUTPUT", os.DevNull)
	t.Setenv("GITHUB_STEP_SUMMARY", os.DevNull)
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, end := view.Auto{}.Start(f)
	end(drain.Report{Result: drain.ResultDone, Apps: []drain.AppReport{{App: "chat", Known: true}}}, nil)
	shown, err := os.ReadFile(f.Name())
	for _, want := range []string{"warning: the summary was not written: " + os.DevNull + " is not a regular file\n", "warning: GITHUB_OUTPUT: " + os.DevNull + " is not a regular file\n", "done: "} {
		if err != nil || !strings.Contains(string(shown), want) {
			t.Errorf("no %q: %v: %s", want, err, shown)
		}
	}
}
