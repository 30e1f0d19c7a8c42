package view_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/log"
	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

// page deploys and returns the summary, without what differs from run to run.
func page(t *testing.T, r release) string {
	t.Helper()
	var s view.Summary
	r.events = s.Event
	report, err := r.deploy(t)
	var b strings.Builder
	if err := s.Write(&b, report, err); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`Z-[0-9a-f]+`).ReplaceAllString(b.String(), "Z-…")
}

func TestTheSummaryOfAWholeReleaseIsAsItWas(t *testing.T) {
	text := regexp.MustCompile(`:\d+, \d+`).ReplaceAllString(timeless(page(t, small(nil))), ":FROM, TO")
	text = regexp.MustCompile(`(after|for) [0-9hms.]+|(gate|prepare|cutover|drain|check) [0-9hms.]+`).ReplaceAllString(text, "$1$2 D")
	text = regexp.MustCompile(`(x-axis|line) \[.*\]`).ReplaceAllString(text, "$1 […]")
	golden(t, "release.md", text)
}

func TestASummarySaysWhatFailedAndWhatIsStillThere(t *testing.T) {
	failed := page(t, release{apps: map[string][]string{"chat": {"app=iad:2"}}, set: func(w *draintest.World) {
		w.Images["registry.fly.io/chat:v2"] = &draintest.Image{Unhealthy: true}
	}})
	for _, want := range []string{"## ↩️ flydrain: failed", "gate 4m46s :crit, ", "> gate: not healthy", "blue |  | uncordoned |", "green |  | destroyed "} {
		if !strings.Contains(failed, want) {
			t.Errorf("no %q in:\n%s", want, failed)
		}
	}
	kept := page(t, release{apps: map[string][]string{"chat": {"app=iad:1"}}, set: func(w *draintest.World) {
		clients(w, "chat", "iad", 4, 10*time.Minute)
	}, tune: func(r *drain.Release) { r.Apps[0].Deadline = 15 * time.Minute }})
	for _, want := range []string{"## ⏳ flydrain: draining", "blue | 4 | still there: 3 connections |", "3, 3]"} {
		if !strings.Contains(kept, want) {
			t.Errorf("no %q in:\n%s", want, kept)
		}
	}
}

// TestWhatADeadlineCutIsTold has a machine that nobody could count the connections of.
func TestWhatADeadlineCutIsTold(t *testing.T) {
	report := drain.Report{Result: drain.ResultDone, Apps: []drain.AppReport{{App: "chat", Destroyed: []string{"17810000000001"}, Cut: 2, CutUnknown: []string{"17810000000001"}, Known: true}}}
	why := probe.Unknown("no cat in the image")
	e := drain.Event{Time: time.Now(), Kind: drain.EventDeadline, App: "chat", Machine: "17810000000001", Reading: &why, Why: "stopping it; the number of connections cut is unknown"}
	var s view.Summary
	s.Event(e)
	var page, lines, outcome bytes.Buffer
	if err := s.Write(&page, report, nil); err != nil {
		t.Fatal(err)
	}
	view.Log(log.New(&lines))(e)
	view.Outcome(&outcome, report, nil)
	for text, want := range map[string]string{page.String(): "1 machine stopped at the deadline", lines.String(): "stopping it",
		outcome.String(): "the deadline cut 2 connections; stopped at the deadline with an unknown number of connections: 17810000000001"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestSummaryOfAHundredMachinesIsFoldedAndSmall(t *testing.T) {
	got := page(t, release{apps: map[string][]string{"chat": {"app=iad:25,lhr:25"}}, set: func(w *draintest.World) {
		clients(w, "chat", "iad", 30, time.Second)
	}})
	if !strings.Contains(got, "<details><summary>100 machines</summary>\n\n| app ") || !strings.Contains(got, "|\n\n</details>") {
		t.Errorf("it is not folded:\n%s", got[:3000])
	}
	if len(got) > 1<<14 {
		t.Errorf("%d bytes; GitHub takes 1 MiB a step", len(got))
	}
}

func TestNothingHostileIsLeftRawInASummary(t *testing.T) {
	var s view.Summary
	evil := "|x|`rm`</td><img src=x>[l](http://e)\n# h\n```mermaid\n" + nasty
	for _, e := range odd() {
		e.App, e.Machine, e.Group, e.Region, e.Why = evil, e.Machine+evil, evil, evil, evil
		s.Event(e)
	}
	report := drain.Report{Result: drain.ResultPerson, Release: evil, Apps: []drain.AppReport{{App: evil, Image: evil, Blue: []string{"b" + evil}}}}
	var b strings.Builder
	if err := s.Write(&b, report, errors.New(evil)); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	harmless(t, got)
	for _, raw := range []string{"<img", "[l]", "`rm`", "</td>", "\n# h"} {
		if strings.Contains(got, raw) {
			t.Errorf("%q is raw in:\n%s", raw, got)
		}
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 8 {
			t.Errorf("not a row of seven cells: %s", line)
		}
	}
	if n := strings.Count(got, "```"); n%2 != 0 {
		t.Errorf("%d fences", n)
	}
}

func TestSummariesAreAppended(t *testing.T) {
	t.Setenv("GITHUB_OUTPUT", "")
	path := filepath.Join(t.TempDir(), "summary.md")
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	for range 2 {
		_, end := view.Auto{Summary: path}.Start(stderr)
		end(drain.Report{Result: drain.ResultDone}, nil)
	}
	if got, err := os.ReadFile(path); err != nil || strings.Count(string(got), "## ✅") != 2 {
		t.Errorf("%v: %s", err, got)
	}
}
