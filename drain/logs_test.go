package drain_test

import (
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestWhatUnhealthyMachinesLoggedIsToldBeforeTheyGo(t *testing.T) {
	for name, tc := range map[string]struct {
		fault         *draintest.Fault
		lines, warned int
	}{
		"three of four":           {nil, 3, 0},
		"the token may not":       {&draintest.Fault{Command: "logs", Status: 401, Message: "You must be authenticated to view this."}, 0, 3},
		"flyctl waits for a line": {&draintest.Fault{Command: "logs", Hang: true}, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.world(func(w *draintest.World) {
					w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Crash: true}
					if tc.fault != nil {
						w.Faults = append(w.Faults, tc.fault)
					}
				})
				r := s.app("my-app", "app=iad:4")
				report := s.deploy(drain.ResultFailed, r)
				if !strings.Contains(report.Why, "its program last ended with exit code 1") {
					t.Errorf("the reason says nothing of the exit: %s", report.Why)
				}
				told, warned, failed := map[string]bool{}, 0, false
				for _, e := range s.events {
					switch {
					case e.Kind == drain.EventPhaseEnded && e.Why != "":
						failed = true
					case e.Kind == drain.EventOutput && e.Machine != "":
						if failed {
							t.Errorf("told after the failure, when a view has shown it: %+v", e)
						}
						if strings.Contains(e.Output, "["+e.Machine+"]") && strings.HasSuffix(e.Output, "Main child exited normally with code: 1") {
							told[e.Machine] = true
						}
					case e.Kind == drain.EventWarning && strings.Contains(e.Why, "run fly logs --no-tail -a my-app --machine "):
						warned++
					}
				}
				if len(told) != tc.lines || warned != tc.warned {
					t.Errorf("the logs of %d machines were told, and %d commands, want %d and %d", len(told), warned, tc.lines, tc.warned)
				}
			})
		})
	}
}
