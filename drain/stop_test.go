package drain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestAMachineThatIsTakenBackWhileItsStopIsTriedAgain has a lease that holds up
// the stop of an idle machine, and somebody who uncordons it meanwhile.
func TestAMachineThatIsTakenBackWhileItsStopIsTriedAgain(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				blue := draintest.Action{App: "my-app", Group: "app", Blue: true}
				for kind, after := range map[string]time.Duration{"lease": 0, "uncordon": time.Minute} {
					a := blue
					a.Kind, a.For = kind, 3*time.Minute
					w.At(w.Now.Add(after), a)
				}
			})
			s.after(time.Minute, func() {
				s.world(func(w *draintest.World) {
					w.Serve(draintest.Load{App: "my-app", Every: time.Second, Min: 10 * time.Minute, Max: 20 * time.Minute, Until: w.Now.Add(5 * time.Minute)})
				})
			})
		})
		s.deploy(drain.ResultDraining, r)
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2", "app iad started v1", "worker iad stopped v1 cordoned")
	})
}

func TestAMachineWhoseRowIsIncompleteIsNotStopped(t *testing.T) {
	simulate(t, func(s *sim) {
		r, _, id := s.beside()
		steps := r.Steps(s.Context())
		if err := run(steps.Cordon, id); err != nil { // the list is complete still
			t.Fatal(err)
		}
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "no-config", Machine: id})
		})
		time.Sleep(time.Minute) // and is asked for again
		if err := run(steps.Stop, id); err == nil || !strings.Contains(err.Error(), "is incomplete") {
			t.Error(err)
		}
		s.world(func(w *draintest.World) {
			if n := w.Counts["machine stop"]; n > 0 {
				t.Errorf("it was stopped %d times", n)
			}
		})
	})
}
