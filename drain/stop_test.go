package drain_test

import (
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
