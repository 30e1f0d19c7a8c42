package view_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s is not as it was; go test -update writes it anew. Now:\n%s", path, got)
	}
}

// small is a release of two machines that drain for three minutes and more.
func small(events func(drain.Event)) release {
	return release{
		apps: map[string][]string{"chat": {"app=iad:1,lhr:1", "worker=iad:1"}},
		set: func(w *draintest.World) {
			clients(w, "chat", "iad", 6, 39*time.Second)
			clients(w, "chat", "lhr", 3, 19*time.Second)
		},
		events: events,
	}
}

func logger(w *bytes.Buffer, format log.Formatter) *log.Logger {
	return log.NewWithOptions(w, log.Options{ReportTimestamp: true, TimeFormat: time.TimeOnly, TimeFunction: log.NowUTC, Formatter: format})
}

// steady puts lines in order that tell of one step in one second: what happens at
// once has no order.
func steady(text string) string {
	step := func(line string) string { words, _, _ := strings.Cut(line, "app="); return words }
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); {
		j := i
		for j < len(lines) && step(lines[j]) == step(lines[i]) {
			j++
		}
		slices.Sort(lines[i:j])
		i = j
	}
	return strings.Join(lines, "")
}

// timeless is text without the times, which are as the release has them, and with
// one line in place of several that say how much is left.
func timeless(text string) string {
	text = regexp.MustCompile(`\d\d:\d\d:\d\d`).ReplaceAllString(text, "TIME")
	text = regexp.MustCompile(`(took|after)=[0-9a-zµ.]+`).ReplaceAllString(text, "$1=D")
	return regexp.MustCompile(`(?m)(^.*draining.* connections=)\d+\n(.*draining.*\n)+`).ReplaceAllString(text, "${1}N\n")
}

func TestTheLogOfAWholeReleaseIsAsItWas(t *testing.T) {
	for name, format := range map[string]log.Formatter{"release.log": log.TextFormatter, "release.logfmt": log.LogfmtFormatter} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			show := view.Log(logger(&b, format))
			if _, err := small(func(e drain.Event) {
				if e.Kind != drain.EventOutput { // what flyctl prints is another test's
					show(e)
				}
			}).deploy(t); err != nil {
				t.Fatal(err)
			}
			golden(t, name, steady(timeless(b.String())))
		})
	}
}

func TestOutputIsLoggedAsItComesOrItsLastFortyLinesWithAFailure(t *testing.T) {
	events := []drain.Event{{Kind: drain.EventPhaseBegun, Phase: drain.PhaseBuild}}
	for i := range 42 {
		events = append(events, drain.Event{Kind: drain.EventOutput, App: "chat", Output: fmt.Sprintf("#7 line %d", i)})
	}
	for _, c := range []struct {
		level       log.Level
		why         string
		count       int
		first, last string
	}{
		{log.DebugLevel, "make: error 2", 42, "TIME INFO #7 line 0 app=chat", "TIME INFO #7 line 41 app=chat"},
		{log.InfoLevel, "make: error 2", 42, "TIME INFO #7 line 0 app=chat", "TIME INFO #7 line 41 app=chat"},
		{log.WarnLevel, "make: error 2", 40, "TIME #7 line 2", "TIME #7 line 41"},
		{log.WarnLevel, "build: interrupted", 0, "", ""},
		{log.WarnLevel, "", 0, "", ""},
	} {
		var b bytes.Buffer
		l := logger(&b, log.TextFormatter)
		l.SetLevel(c.level)
		show := view.Log(l)
		for _, e := range append(slices.Clone(events), drain.Event{Kind: drain.EventPhaseEnded, Phase: drain.PhaseBuild, Why: c.why}) {
			show(e)
		}
		lines := slices.DeleteFunc(strings.Split(timeless(b.String()), "\n"), func(s string) bool { return !strings.Contains(s, "#7") })
		if len(lines) != c.count || c.count > 0 && (lines[0] != c.first || lines[c.count-1] != c.last) {
			t.Errorf("%v, %q: %d lines: %q", c.level, c.why, len(lines), lines)
		}
	}
}

// nasty is what a machine's own output may hold.
const nasty = "\x1b]0;owned\a\x1b[2J\u009b31m first\nINFO outcome=done\r\u202e\xff"

func harmless(t *testing.T, text string) {
	t.Helper()
	for _, odd := range []string{"\x1b", "\a", "\r", "\u009b", "\u202e", "\nINFO outcome"} {
		if strings.Contains(text, odd) {
			t.Errorf("%q got through: %q", odd, text)
		}
	}
}

// odd are events whose every text is hostile.
func odd() []drain.Event {
	now := time.Date(2026, 11, 22, 20, 15, 0, 0, time.UTC)
	unknown := probe.Unknown(nasty)
	var events []drain.Event
	for _, k := range []drain.EventKind{drain.EventPhaseBegun, drain.EventFound, drain.EventCreated, drain.EventHeld, drain.EventHealthy, drain.EventStarted, drain.EventUncordoned,
		drain.EventCordoned, drain.EventConnections, drain.EventWaiting, drain.EventDeadline, drain.EventOutput, drain.EventRetry, drain.EventWarning, drain.EventPhaseEnded, "a kind\x1b[2J of later"} {
		events = append(events, drain.Event{Time: now, Kind: k, App: nasty, Phase: drain.PhaseDrain, Machine: nasty, Group: nasty, Region: nasty,
			Reading: &unknown, Output: nasty, Why: nasty, Took: time.Second})
	}
	for _, k := range []drain.EventKind{drain.EventKept, drain.EventOutcome} {
		events = append(events, drain.Event{Time: now, Kind: k, App: nasty, Machine: nasty + "2", Why: nasty})
	}
	return events
}

// A drain of hours must not fill the log of a job, nor be silent for as long as
// some of them take for dead (CircleCI: ten minutes).
func TestADrainOfHoursTellsWhatIsLeftEveryHalfMinuteToAMinute(t *testing.T) {
	var b bytes.Buffer
	l := log.NewWithOptions(&b, log.Options{ReportTimestamp: true, TimeFormat: time.RFC3339, TimeFunction: log.NowUTC})
	r := release{apps: map[string][]string{"chat": {"app=iad:2,lhr:1"}}, events: view.Log(l), set: func(w *draintest.World) {
		clients(w, "chat", "iad", 30, 3*time.Minute)
		clients(w, "chat", "lhr", 90, time.Minute)
	}}
	if _, err := r.deploy(t); err != nil {
		t.Fatal(err)
	}
	var last time.Time
	beats := 0
	for line := range strings.Lines(b.String()) {
		at, err := time.Parse(time.RFC3339, strings.Fields(line)[0])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(line, "draining") {
			continue
		}
		if d := at.Sub(last); beats > 0 && (d < 29*time.Second || d > 2*time.Minute) {
			t.Errorf("%v after the one before: %s", d, line)
		}
		last = at
		beats++
	}
	if beats < 75 || beats > 190 {
		t.Errorf("%d lines in an hour and a half", beats)
	}
}

func TestWhatAilsTheProbeOfEachMachineIsToldOnce(t *testing.T) {
	var b bytes.Buffer
	r := release{apps: map[string][]string{"chat": {"app=iad:20"}}, events: view.Log(logger(&b, log.TextFormatter)), set: func(w *draintest.World) {
		clients(w, "chat", "iad", 40, 5*time.Second)
		w.Faults = append(w.Faults, &draintest.Fault{Command: "machine exec", Status: 500, Message: "boom", Skip: 20, Times: 100})
	}}
	if _, err := r.deploy(t); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "retrying: "); n == 0 || n > 3 {
		t.Errorf("%d lines of retries:\n%s", n, b.String())
	}
	if !strings.Contains(b.String(), " unknown=") {
		t.Errorf("it is not told that some are unknown:\n%s", b.String())
	}
}

func TestPhasesOfSeveralAppsAreToldOnce(t *testing.T) {
	var b bytes.Buffer
	r := release{apps: map[string][]string{"chat": {"app=iad:1"}, "api": {"app=iad:1"}}, events: view.Log(logger(&b, log.TextFormatter))}
	if _, err := r.deploy(t); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"check begins", "check done", "drain begins", "drain done", "done: chat, api"} {
		if n := strings.Count(b.String(), line); n != 1 {
			t.Errorf("%d times %q in:\n%s", n, line, b.String())
		}
	}
}

func TestALogSaysOnceWhyAReleaseFailed(t *testing.T) {
	failed := drain.Event{Kind: drain.EventPhaseEnded, Phase: drain.PhaseGate, Why: "not healthy: machine m1 is critical"}
	back := drain.Event{Kind: drain.EventPhaseBegun, Phase: drain.PhaseUndo}
	outcome := drain.Event{Kind: drain.EventOutcome, Result: drain.ResultFailed, Why: "failed: chat: not healthy: machine m1 is critical"}
	for _, c := range []struct {
		events []drain.Event
		want   string
	}{
		{[]drain.Event{failed, outcome}, "ERRO gate failed\nERRO failed: chat: not healthy: machine m1 is critical\n"},
		{[]drain.Event{failed, back}, "ERRO gate failed\nERRO undoing it: not healthy: machine m1 is critical\nINFO undo begins\n"},
	} {
		var b bytes.Buffer
		show := view.Log(logger(&b, log.TextFormatter))
		for _, e := range c.events {
			show(e)
		}
		if got := regexp.MustCompile(`(?m)^[\d:]+ `).ReplaceAllString(b.String(), ""); got != c.want {
			t.Errorf("got\n%swant\n%s", got, c.want)
		}
	}
}
