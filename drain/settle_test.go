package drain_test

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestAConnectionThatLandsInTheLastMomentBeforeAllProxiesKnow has one at any time
// of the 9 s in which slow proxies still send to a cordoned machine, or of the 19 s
// of slower ones. By then two readings could have said that it is idle: the settle
// time is what keeps it.
func TestAConnectionThatLandsInTheLastMomentBeforeAllProxiesKnow(t *testing.T) {
	t.Parallel()
	step := time.Second
	if !long {
		step = 4 * time.Second
	}
	for late := time.Second; late < 19*time.Second; late += step {
		t.Run(late.String(), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				known := 9 * time.Second
				if late >= known {
					r.Propagation, known = 20*time.Second, 19*time.Second
				}
				s.world(func(w *draintest.World) {
					w.Propagation = known
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine stop", Slow: 9 * time.Second})
				})
				onEvent(r, drain.EventCordoned, func(drain.Event) {
					s.after(late, func() { s.connect("my-app", "app", "iad", 1, 10*time.Minute) })
				})
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", v2...)
			})
		})
	}
}
