package drain_test

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestAConnectionThatLandsInTheLastMomentBeforeAllProxiesKnowIsNotCut has one at any time
// of the 9 s in which slow proxies still send to a cordoned machine, or of the 19 s
// of slower ones. By then two readings could have said that it is idle: the settle
// time is what keeps it.
func TestAConnectionThatLandsInTheLastMomentBeforeAllProxiesKnowIsNotCut(t *testing.T) {
	t.Parallel()
	step := time.Second
	if !long() {
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
				s.onEvent(r, drain.EventCordoned, func(drain.Event) {
					s.after(late, func() { s.connect("my-app", "app", "iad", 1, 10*time.Minute) })
				})
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", v2...)
			})
		})
	}
}

// TestAConnectionThatLandsThreeSecondsAfterTheCordonIsNotCut has the proxies still send
// to a machine that they will soon know as cordoned, and an API that takes its
// time to stop one: without the settle time that would be one with a connection.
func TestAConnectionThatLandsThreeSecondsAfterTheCordonIsNotCut(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.ListEvery = 100 * time.Millisecond // two readings fit in before it lands
		s.world(func(w *draintest.World) {
			w.LimitsOff = true
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine stop", Slow: 3 * time.Second})
		})
		s.waitsForALateConnection(r)
	})
}

// TestTheSettleTimeIsOfTheLastCordon has a machine taken back for six seconds.
func TestTheSettleTimeIsOfTheLastCordon(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1") // by the cordon of one of few
		r := s.app("my-app", "app=iad:2")
		id := s.ids("v1")[0]
		s.connect("my-app", "app", "iad", 2, 10*time.Minute)
		steps := r.Steps(s.Context())
		if err := run(steps.Cordon, id); err != nil {
			t.Fatal(err)
		}
		var last time.Time
		s.after(20*time.Second, func() {
			if err := run(steps.Uncordon, id); err != nil {
				t.Error(err)
			}
			s.after(6*time.Second, func() {
				if err := run(steps.Cordon, id); err != nil {
					t.Error(err)
				}
				last = time.Now()
				s.world(func(w *draintest.World) { w.HangUp(id, 1) })
			})
		})
		if err := run(steps.AwaitIdle, id); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(last); d < 10*time.Second {
			t.Errorf("idle %v after its last cordon", d)
		}
	}) // one of two is cordoned
}
