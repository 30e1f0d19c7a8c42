package view_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

// auto runs a release with view.Auto on a file, and returns what is in it.
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
	if !strings.Contains(out.String(), `"kind":"outcome"`) {
		t.Errorf("the JSON has no outcome: %q", out.String())
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, `{"time":"2000-01-01T00:`) || !strings.HasSuffix(line, "}\n") {
			t.Errorf("%s", line)
		}
	}
}

func TestAutoTakesItsOutputsFromFlags(t *testing.T) {
	for _, c := range []struct {
		args string
		want view.Auto
	}{
		{"", view.Auto{}},
		{"-json -v -summary x.md", view.Auto{JSON: os.Stdout, Verbose: true, Summary: "x.md"}},
		{"-json=false -v=false", view.Auto{}},
		{"-json -json=0", view.Auto{}},
	} {
		var a view.Auto
		fs := flag.NewFlagSet("", flag.ContinueOnError)
		a.Flags(fs)
		if err := fs.Parse(strings.Fields(c.args)); err != nil || a != c.want {
			t.Errorf("%s: %+v, want %+v (%v)", c.args, a, c.want, err)
		}
	}
}

func TestAutoRefusesAJSONFlagThatIsNeitherOnNorOff(t *testing.T) {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	new(view.Auto).Flags(fs)
	if err := fs.Parse([]string{"-json=out.json"}); err == nil || !strings.Contains(err.Error(), `invalid boolean value "out.json" for -json`) {
		t.Error(err)
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
