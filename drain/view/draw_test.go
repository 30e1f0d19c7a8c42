package view

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// screen is a window without colours, at so long after noon.
func screen(width, height int, after time.Duration) canvas {
	return canvas{width: width, height: height, now: noon.Add(after), styles: stylesOf(lipgloss.NewRenderer(io.Discard))}
}

// draining is a state in which machines of an app drain: machine i of n had 10*i
// connections, and has lost i a minute.
func draining(app string, n int) *state {
	s := &state{}
	s.apply(drain.Event{Kind: drain.EventPhaseBegun, Phase: drain.PhaseDrain, Time: noon})
	for i := 1; i <= n; i++ {
		e := drain.Event{Time: noon, App: app, Machine: fmt.Sprintf("%014x", 0x17810000000000+i), Group: "app", Region: "iad"}
		e.Kind = drain.EventCordoned
		s.apply(e)
		e.Kind = drain.EventConnections
		for minute := range 3 {
			r := probe.Known(i * (10 - minute))
			e.Time, e.Reading = noon.Add(time.Duration(minute)*time.Minute), &r
			s.apply(e)
		}
	}
	return s
}

func (s *state) with(events ...drain.Event) *state {
	for _, e := range events {
		s.apply(e)
	}
	return s
}

func TestEachMomentIsDrawnInItsWindow(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	picture := regexp.MustCompile("(?s)```text\n(.*?)```").FindSubmatch(readme)
	if err != nil || picture == nil {
		t.Fatalf("the README has no picture: %v", err)
	}
	hung := probe.Unknown("no answer in 20s from cat")
	readmes := draining("chat", 3).with(drain.Event{Time: noon, Kind: drain.EventConnections, App: "chat", Machine: "17810000000003", Group: "app", Region: "iad", Reading: &hung})
	readmes.phases = []*phase{{name: drain.PhaseCheck, ended: true, took: time.Second}, {name: drain.PhasePrepare, ended: true, took: 9 * time.Second},
		{name: drain.PhaseGate, ended: true, took: 6 * time.Second}, {name: drain.PhaseCutover, ended: true, took: 11 * time.Second}, readmes.phases[0]}
	unknown := probe.Unknown("machine exec failed: could not exec command on machine 1: the host did not answer")
	odd := drain.Event{Time: noon, Kind: drain.EventConnections, App: "chat", Machine: "17810000000002", Reading: &unknown}
	for _, c := range []struct {
		name          string
		state         *state
		width, height int
		want          string
	}{
		{"a build", (&state{}).with(drain.Event{Kind: drain.EventPhaseBegun, Phase: drain.PhaseBuild, Time: noon},
			drain.Event{Kind: drain.EventOutput, App: "chat", Output: "#7 [1/3] FROM alpine"}, drain.Event{Kind: drain.EventOutput, App: "chat", Output: "#7 [2/3] RUN make every one of them"}), 24, 8, `
⠋ build 2m
  #7 [2/3] RUN make eve…
`},

		{"a build in a window of two lines", (&state{}).with(drain.Event{Kind: drain.EventPhaseBegun, Phase: drain.PhaseBuild, Time: noon},
			drain.Event{Kind: drain.EventOutput, App: "chat", Output: "#7 [1/3] FROM alpine"}), 24, 3, `
⠋ build 2m
`},
		{"one machine", draining("chat", 1), 80, 24, `
⠋ drain 2m
  iad 17810000000001 ████████████████████████████████░░░░░░░░ 8 of 10 -1/min ~8m
  1 machine: 8 connections, about 8m more
`},
		{"the README's", readmes, 80, 24, "\n" + string(picture[1])},
		{"machines are left, and the last list is waited for", draining("chat", 1).with(drain.Event{Kind: drain.EventKept, App: "chat", Machine: "17810000000001"}), 80, 24, `
⠋ drain 2m
  1 machine left as it is
`},
		{"a drain that ends with machines left", draining("chat", 1).with(drain.Event{Kind: drain.EventKept, App: "chat", Machine: "17810000000001"},
			drain.Event{Kind: drain.EventPhaseEnded, Phase: drain.PhaseDrain, Took: time.Minute, Why: "not idle"}), 80, 24, `
! drain 1m
  not idle
  1 machine left as it is
`},
		{"a narrow window", draining("chat", 2).with(odd), 40, 24, `
⠋ drain 2m
  iad …000001 ███████████░░░ 8 of 10 ~8m
  iad …000002 unknown: …the host did no…
  2 machines: 8 connections, 1 unknown
`},
		{"a wide window, and more than its lines", draining("chat", 9), 160, 9, `
⠋ drain 2m
  iad 17810000000004 ███████████████████████████████░░░░░░░░ 32 of 40 -4/min ~8m  iad 17810000000007 ███████████████████████████████░░░░░░░░ 56 of 70 -7/min ~8m
  iad 17810000000005 ███████████████████████████████░░░░░░░░ 40 of 50 -5/min ~8m  iad 17810000000008 ███████████████████████████████░░░░░░░░ 64 of 80 -8/min ~8m
  iad 17810000000006 ███████████████████████████████░░░░░░░░ 48 of 60 -6/min ~8m  iad 17810000000009 ███████████████████████████████░░░░░░░░ 72 of 90 -9/min ~8m
  … and 3 more: 48 connections
  9 machines: 360 connections, about 8m more
`},
		{"more than there is room for", draining("chat", 100), 80, 10, `
⠋ drain 2m
  iad 17810000000061 ███████████████████████████░░░░░░░  776 of 970  -97/min ~8m
  iad 17810000000062 ███████████████████████████░░░░░░░  784 of 980  -98/min ~8m
  iad 17810000000063 ███████████████████████████░░░░░░░  792 of 990  -99/min ~8m
  iad 17810000000064 ███████████████████████████░░░░░░░ 800 of 1000 -100/min ~8m
  … and 96 more: 37248 connections
  100 machines: 40400 connections, about 8m more
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := screen(c.width, c.height, 2*time.Minute).draw(c.state)
			if "\n"+got != c.want {
				t.Errorf("\n%s", got)
			}
		})
	}
}

func TestAPictureFitsItsWindow(t *testing.T) {
	names := []string{"chat", "a-very-long-name-of-an-app-that-nobody-would-type-twice-in-a-row", "日本語のアプリ"}
	for _, name := range names {
		for _, n := range []int{1, 7, 100} {
			for _, width := range []int{10, 20, 40, 80, 200} {
				for _, height := range []int{6, 10, 24, 60} {
					s := draining("other", 1)
					for _, m := range draining(name, n).machines {
						m.group, m.region = name, name
						s.machines = append(s.machines, m)
					}
					why := probe.Unknown(strings.Repeat(name+": ", 30))
					s.machine(drain.Event{App: "other", Machine: s.machines[0].id}).reading = why
					got := screen(width, height, 2*time.Minute).draw(s)
					lines := strings.Split(got, "\n")
					if len(lines) > height {
						t.Errorf("%d machines at %dx%d: %d lines", n, width, height, len(lines))
					}
					for _, line := range lines {
						if ansi.StringWidth(line) > width {
							t.Errorf("%d machines at %dx%d: too wide: %q", n, width, height, line)
						}
					}
				}
			}
		}
	}
}

func TestUnknownIsNeverDrawnAsZero(t *testing.T) {
	unknown := probe.Unknown("boom")
	s := draining("chat", 2)
	for _, m := range s.machines {
		s.apply(drain.Event{Time: noon.Add(2 * time.Minute), Kind: drain.EventConnections, App: "chat", Machine: m.id, Reading: &unknown})
	}
	got := screen(80, 24, 2*time.Minute).draw(s)
	if strings.Contains(got, "0 connections") || strings.Contains(got, "░") || strings.Count(got, "unknown: boom") != 2 || !strings.Contains(got, "2 machines: 2 unknown") {
		t.Errorf("\n%s", got)
	}
	if s.note(noon); s.left[len(s.left)-1].n != 24 {
		t.Errorf("the chart takes unknown for %d", s.left[len(s.left)-1].n)
	}
}

func TestWhatEachPhaseBeforeTheDrainHasDoneIsDrawn(t *testing.T) {
	s := &state{}
	at := func(sec int, e drain.Event) { e.Time = noon.Add(time.Duration(sec) * time.Second); s.apply(e) }
	begin := func(sec int, p drain.Phase) { at(sec, drain.Event{Kind: drain.EventPhaseBegun, Phase: p}) }
	end := func(sec int, p drain.Phase, took time.Duration) {
		at(sec, drain.Event{Kind: drain.EventPhaseEnded, Phase: p, Took: took})
	}
	wants := func(sec, width int, want string) {
		t.Helper()
		if got := screen(width, 24, time.Duration(sec)*time.Second).draw(s); "\n"+got != want {
			t.Errorf("at %ds:\n%s", sec, got)
		}
	}
	begin(0, drain.PhaseCheck)
	at(1, drain.Event{Kind: drain.EventFound, App: "chat", Machine: "b1"})
	end(1, drain.PhaseCheck, time.Second)
	begin(1, drain.PhasePrepare)
	at(3, drain.Event{Kind: drain.EventCreated, App: "chat", Machine: "g1"})
	at(3, drain.Event{Kind: drain.EventCreated, App: "chat", Machine: "g2"})
	at(4, drain.Event{Kind: drain.EventHeld, App: "chat", Machine: "g1"})
	wants(5, 80, `
✓ check 1s ⠋ prepare 4s
  chat 1 blue, 2 green, 1 held
`)

	end(6, drain.PhasePrepare, 5*time.Second)
	begin(6, drain.PhaseGate)
	at(8, drain.Event{Kind: drain.EventHealthy, App: "chat", Machine: "g1"})
	wants(9, 30, `
✓ check ✓ prepare ⠋ gate 3s
  chat green 1/2 healthy
`)
	at(10, drain.Event{Kind: drain.EventPhaseEnded, Phase: drain.PhaseGate, Took: 4 * time.Second, Why: "gate: not healthy"})
	begin(10, drain.PhaseUndo)
	at(12, drain.Event{Kind: drain.EventCordoned, App: "chat", Machine: "g2", Region: "iad", Why: "one machine too many: it stays cordoned, and is destroyed"})
	wants(13, 80, `
✓ check 1s ✓ prepare 5s ✗ gate 4s ⠋ undo 3s
  gate: not healthy
  iad g2 not counted yet
  1 machine: not counted yet
`)
	at(14, drain.Event{Kind: drain.EventDestroyed, App: "chat", Machine: "g2"})
	end(15, drain.PhaseUndo, 5*time.Second)
	at(15, drain.Event{Kind: drain.EventOutcome, Result: drain.ResultFailed})
	c := screen(80, 24, 15*time.Second)
	c.ended = true
	if got := c.draw(s); got != "✓ check 1s ✓ prepare 5s ✗ gate 4s ✓ undo 5s\n" {
		t.Errorf("%s", got)
	}
}

func TestTheWaitForARollbackIsShown(t *testing.T) {
	s := &state{}
	s.apply(drain.Event{Time: noon, Kind: drain.EventPhaseBegun, Phase: drain.PhaseDrain})
	for _, id := range []string{"m1", "m2"} {
		s.apply(drain.Event{Time: noon, Kind: drain.EventCordoned, App: "chat", Machine: id, Region: "iad"})
	}
	bake := drain.Event{Time: noon, Kind: drain.EventWaiting, Until: noon.Add(time.Hour), Why: "keep all of blue for 1h0m0s, for a rollback"}
	s.apply(bake)
	const words = "keep all of blue for 1h0m0s, for a rollback"
	if got := screen(80, 24, time.Minute).draw(s); !strings.Contains(got, "2 machines: "+words+" (until 13:00:00)") {
		t.Error(got)
	}
	if got := screen(80, 24, 2*time.Hour).draw(s); strings.Contains(got, words) {
		t.Error(got)
	}
	if got := message(bake); !strings.Contains(got, words) {
		t.Error(got)
	}
}
