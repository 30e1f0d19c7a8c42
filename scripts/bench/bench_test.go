package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
)

func TestMain(m *testing.M) {
	if os.Getenv(socketVariable) != "" {
		os.Exit(beFlyctl(os.Args[1:]))
	}
	_ = os.Unsetenv("GOGC") // of whoever runs the test: it decides what flyctl is run with
	os.Exit(m.Run())
}

func TestOursCutsNothingAndKeepsToItsLimits(t *testing.T) {
	needsShell(t)
	rows, err := bench(t, []int{5, 20}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range missed(rows) {
		t.Error(err)
	}
	text := report(rows, []day{{machines: 5, sockets: perHour{commands: 428.2}}})
	for _, part := range []string{
		"| 5 | the thread's commands | ", "| 20 | flyctl's bluegreen ¹ | ", "| 20 | `drain.Release` | 0 | 100 % | ",
		"| 5 | 428 | 0 | 0 | 0 | 0 |\n", "title \"time to cutover, s\"\n    x-axis \"machines\" [\"5\", \"20\"]\n",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// Polls follow what changes, and become fewer, the more machines each asks about.
func TestADrainOfADayCostsFewCallsHoweverManyMachinesThereAre(t *testing.T) {
	all := days(t, []int{5, 20}, 20, io.Discard)
	few, many := all[0], all[1]
	if polls := few.prometheus.asked; polls < 60 || polls > 90 || many.prometheus.asked > 90 || many.prometheus.commands > 180 {
		t.Errorf("by metrics: %+v, %+v", few.prometheus, many.prometheus)
	}
	if a, b := few.sockets.commands/5, many.sockets.commands/20; a < 60 || a > 90 || b > a {
		t.Errorf("by sockets: %+v, %+v", few.sockets, many.sockets)
	}
}

// The times and calls are those of flyctl 0.4.87 itself, against a server that
// answers as Fly's API does, with this scene's times and Fly's rate limits: from
// its start until the last blue machine was cordoned, and until its end.
func TestTheModelOfBluegreenTakesAsLongAsFlyctl(t *testing.T) {
	for _, c := range []struct {
		machines, maxConcurrent int
		unlimited               bool
		took                    time.Duration
		calls                   int
	}{
		{5, 8, false, 16940 * time.Millisecond, 97},
		{20, 1, false, 35600 * time.Millisecond, 461},
		{20, 8, true, 14560 * time.Millisecond, 314},
	} {
		s := &scene{way: ways[1], machines: c.machines, maxConcurrent: c.maxConcurrent}
		s.unlimited = c.unlimited
		if err := s.play(t); err != nil {
			t.Fatal(err)
		}
		if d := (s.cutover - c.took).Abs(); d > c.took/20 {
			t.Errorf("%d machines: the model takes %v, and flyctl %v", c.machines, s.cutover, c.took)
		}
		if d := max(s.calls-c.calls, c.calls-s.calls); d > c.calls/5 {
			t.Errorf("%d machines: the model makes %d calls, and flyctl %d", c.machines, s.calls, c.calls)
		}
	}
}

// Flyctl itself did so too: "failed to launch VM: resource_exhausted: rate limit exceeded".
func TestTheModelOfBluegreenFailsOfTheRateLimitAsFlyctlDoes(t *testing.T) {
	for _, c := range []struct{ machines, maxConcurrent int }{{6, 8}, {20, 8}, {20, 2}} {
		s := &scene{way: ways[1], machines: c.machines, maxConcurrent: c.maxConcurrent}
		if err := s.play(t); !errors.Is(err, errRateLimited) {
			t.Errorf("%d machines, %d at once: %v", c.machines, c.maxConcurrent, err)
		}
	}
}

// The thread's commands run as they stand in the script: a build, a list, a
// deploy, a cordon of all, and an update of each.
func TestTheThreadsCommandsAreRunByAShell(t *testing.T) {
	needsShell(t)
	s := &scene{way: ways[0], machines: 5}
	if err := s.play(t); err != nil {
		t.Fatal(err)
	}
	s.fly.Do(func(w *draintest.World) {
		var got []string
		for _, c := range w.Commands {
			got = append(got, c.Name)
			if c.Exit != 0 {
				t.Errorf("exit code %d: %s", c.Exit, c)
			}
		}
		want := "deploy, machine list, deploy, machine cordon" + strings.Repeat(", machine update", 5)
		if strings.Join(got, ", ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
		}
	})
	if s.cut == 0 || s.least != 0.2 || len(s.blue) != 0 {
		t.Errorf("cut %d, least %v, left %v", s.cut, s.least, s.blue)
	}
}

func TestWhatOursMissesIsTold(t *testing.T) {
	const tenth = 100 * time.Millisecond
	theirs := result{least: 1, cutover: 16 * time.Second, both: 20 * time.Second}
	for _, c := range []struct {
		what     string
		machines int
		spoil    func(r *result)
		told     int
	}{
		{"nothing", 20, func(*result) {}, 0},
		{"cut", 20, func(r *result) { r.cut = 1 }, 1},
		{"refused", 20, func(r *result) { r.refused = 1 }, 1},
		{"weaker", 20, func(r *result) { r.least = 0.8 }, 1},
		{"never", 20, func(r *result) { r.cutover = 0 }, 1},
		{"a second slower", 19, func(r *result) { r.cutover += time.Second }, 0},
		{"more than a second slower", 19, func(r *result) { r.cutover += time.Second + tenth }, 1},
		{"slower", 20, func(r *result) { r.cutover += tenth }, 1},
		{"both as long as they may", 20, func(r *result) { r.both = 11 * time.Second }, 0},
		{"both too long", 20, func(r *result) { r.both = 11*time.Second + tenth }, 1},
		{"both as long as they may", 60, func(r *result) { r.both = 12 * time.Second }, 0},
		{"both too long", 60, func(r *result) { r.both = 12*time.Second + tenth }, 1},
		{"both as long as they may", 100, func(r *result) { r.both = 14 * time.Second }, 0},
		{"both too long", 100, func(r *result) { r.both = 14*time.Second + tenth }, 1},
		{"both as long as they may", 500, func(r *result) { r.both = 20 * time.Second }, 0},
		{"both too long", 500, func(r *result) { r.both = 20*time.Second + tenth }, 1},
	} {
		ours := result{least: 1, cutover: 16 * time.Second, both: 10 * time.Second}
		c.spoil(&ours)
		rows := []row{{way: way{name: bluegreenName}, result: theirs}, {way: way{name: oursName}, machines: c.machines, result: ours}}
		if all := missed(rows); len(all) != c.told {
			t.Errorf("%s, %d machines: told %q", c.what, c.machines, all)
		}
	}
}

func TestSizesThatAreNoneAreRefused(t *testing.T) {
	for _, text := range []string{"", "five", "2", "5,", "-5"} {
		if sizes, err := parseSizes(text); err == nil {
			t.Errorf("%q: %v", text, sizes)
		}
	}
}

func needsShell(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each flyctl sleeps a second under -race
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		t.Skip("the thread's commands are for a Unix shell")
	}
}
