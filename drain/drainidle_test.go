package drain_test

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestIdleBlueStaysWhileNothingElseServes has green fall ill as blue drains, and
// blue's last connection end before that is believed.
func TestIdleBlueStaysWhileNothingElseServes(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.onPhase(r, drain.PhaseDrain, func() {
			s.after(5*time.Second, func() {
				s.world(func(w *draintest.World) {
					for _, m := range w.Live("my-app") {
						if _, green := m.Mark(); green {
							w.Do(draintest.Action{Kind: "sick", Machine: m.ID})
						}
					}
				})
			})
		})
		s.connect("my-app", "app", "iad", 2, 50*time.Second)
		s.allow("S1") // by the illness
		report, err := r.Deploy(s.Context())
		blue := 0
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if _, green := m.Mark(); !green && m.Takes() {
					blue++
				}
			}
		})
		if blue != 2 {
			t.Errorf("%d of blue serve, and nothing else does: %s: %v\n%s", blue, report.Result, err, s.list("my-app"))
		}
	})
}

// TestIdleBlueGoesWhenGreenServesAgain has green ill for 40 seconds, in which blue's last
// connection ends.
func TestIdleBlueGoesWhenGreenServesAgain(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1")
		var well time.Time
		green := func(becomes string) {
			s.world(func(w *draintest.World) {
				well = w.Now
				for _, m := range w.Live("my-app") {
					if _, green := m.Mark(); green {
						w.Do(draintest.Action{Kind: becomes, Machine: m.ID})
					}
				}
			})
		}
		s.onPhase(r, drain.PhaseDrain, func() {
			s.after(5*time.Second, func() { green("sick") })
			s.after(45*time.Second, func() { green("well") })
		})
		s.connect("my-app", "app", "iad", 1, 50*time.Second)
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2")
		idle := s.of(drain.EventIdle)
		s.world(func(*draintest.World) { // as what has set it
			if len(idle) == 0 || !well.After(idle[0].Time) || len(s.of(drain.EventDestroyed)) != 1 {
				t.Errorf("blue was idle: %v, and green well at %v", idle, well)
			}
		})
	})
}

// TestADrainWhoseFirstListIsFromBeforeTheCordonWaitsForTheNext has the list lag by some seconds
// once it has shown the cordons.
func TestADrainWhoseFirstListIsFromBeforeTheCordonWaitsForTheNext(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "stale", Age: 5 * time.Second, Times: 2})
			})
		})
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}
