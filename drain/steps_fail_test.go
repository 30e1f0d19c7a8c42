package drain_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// stepNames are all steps, in the order in which a release would have them.
var stepNames = []string{"AwaitHealthy", "Uncordon", "Cordon", "AwaitIdle", "Autostop", "Stop", "Destroy"}

// allOrNone are those that act on all of their input or on none of it.
var allOrNone = stepNames[:3]

func stepOf(s *drain.Steps, name string) drain.Step {
	return map[string]drain.Step{
		"AwaitHealthy": s.AwaitHealthy, "Uncordon": s.Uncordon, "Cordon": s.Cordon, "AwaitIdle": s.AwaitIdle,
		"Autostop": s.Autostop, "Stop": s.Stop, "Destroy": s.Destroy,
	}[name]
}

// failing are steps, and what lets each fail for the first of two cordoned machines.
var failing = map[string]struct {
	given func(w *draintest.World, first string)
	want  string // the error
	each  bool   // it acts machine by machine, and may hand on the other one
}{
	"AwaitHealthy": {given: func(w *draintest.World, first string) { w.Machine(first).Passing = false }, want: "not healthy: machine "},
	"Uncordon":     {given: fails("machine uncordon"), want: "failed to uncordon VM: forbidden"},
	"Cordon":       {given: fails("machine cordon"), want: "failed to cordon VM: forbidden"},
	"AwaitIdle":    {given: fails("machine exec"), want: "not idle: machine ", each: true},
	"Autostop":     {given: fails("machine update"), want: "forbidden", each: true},
	"Stop":         {given: fails("machine stop"), want: "forbidden", each: true},
	"Destroy":      {given: fails("machine destroy"), want: "forbidden", each: true},
}

func fails(command string) func(w *draintest.World, first string) {
	return func(w *draintest.World, first string) {
		w.Faults = []*draintest.Fault{{Command: command, Machine: first, Status: 403, Message: "forbidden"}}
	}
}

// TestAfterAStepThatFailsForOneMachineNoOtherStepActs compares a step alone with the same
// step before another one: flyctl is asked to do the same. Where both act machine by machine,
// that holds for the machine that failed.
func TestAfterAStepThatFailsForOneMachineNoOtherStepActs(t *testing.T) {
	for name, f := range failing {
		for _, next := range stepNames {
			if next == name {
				continue
			}
			t.Run(name+" then "+next, func(t *testing.T) {
				simulate(t, func(s *sim) {
					s.allow("S1", "S2", "S4") // by the test's own choice of machines
					done, each := map[bool][]string{}, f.each && !slices.Contains(allOrNone, next)
					for _, both := range []bool{false, true} {
						app := fmt.Sprintf("app-%v", both)
						// Given four machines of which two are cordoned, and something that fails for one of them
						r, ids := s.twoCordoned(app, name == "Cordon")
						r.HealthTimeout, r.Deadline = 2*time.Second, time.Minute
						s.world(func(w *draintest.World) { f.given(w, ids[0]) })
						// When the step runs
						steps := r.Steps(s.Context())
						p := stepOf(steps, name)(script.Slice(ids))
						if both {
							p = stepOf(steps, next)(p)
						}
						out, _ := io.ReadAll(p.Reader)
						// Then it fails, and hands on nothing that failed
						if err := p.Error(); err == nil || !strings.Contains(err.Error(), f.want) {
							t.Errorf("error %v, want %q", err, f.want)
						}
						if strings.Contains(string(out), ids[0]) || both && len(out) > 0 && !each {
							t.Errorf("it handed on:\n%s", out)
						}
						s.world(func(w *draintest.World) { done[both] = changes(w, app, ids, each) })
					}
					if !slices.Equal(done[false], done[true]) {
						t.Errorf("alone:\n%s\nbefore %s:\n%s", strings.Join(done[false], "\n"), next, strings.Join(done[true], "\n"))
					}
				})
			})
		}
	}
}

// twoCordoned adds an app of four machines, and returns two of them; they are cordoned, or
// about to be.
func (s *sim) twoCordoned(app string, about bool) (*drain.Release, []string) {
	s.Helper()
	r := s.app(app, "app=iad:4")
	var ids []string
	s.world(func(w *draintest.World) {
		for _, m := range w.Live(app)[:2] {
			ids = append(ids, m.ID)
			if !about {
				w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
			}
		}
	})
	<-time.After(time.Minute)
	return r, ids
}

// changes are the commands that an app's machines got, but for lists; in order, as steps act
// side by side. Machines are named by their number. Where each goes on by itself, they are
// those of the first.
func changes(w *draintest.World, app string, ids []string, each bool) []string {
	var lines []string
	for _, line := range w.Lines("machine ") {
		if strings.HasPrefix(line, "machine list") || !strings.Contains(line, app) || each && strings.Contains(line, ids[1]) {
			continue
		}
		for i, id := range ids {
			line = strings.ReplaceAll(line, id, fmt.Sprint("number ", i))
		}
		lines = append(lines, strings.ReplaceAll(line, app, "app"))
	}
	slices.Sort(lines)
	return lines
}
