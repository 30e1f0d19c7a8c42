package drain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestAMachineThatIsBeingDestroyedIsDoubtedNoLonger has a list begun when a machine
// has gone, and flyctl has yet to say so: it is doubted until flyctl does.
func TestAMachineThatIsBeingDestroyedIsDoubtedNoLonger(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(2, func(i int) time.Duration { return time.Duration(i) * 12 * time.Second })
		s.world(func(w *draintest.World) {
			w.HangUp(w.Live("my-app")[0].ID, 1)
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine destroy", Slow: 5 * time.Second, AfterEffect: true, Times: 1})
		})
		begun := time.Now()
		s.ended(drain.ResultDone, r.Drain, s.Context())
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("two machines went in %v", took)
		}
	})
}

// TestWhatNoListHasShownIsNotDestroyed has a first list that lacks machines: what
// flyctl would destroy by its id may be stopped, and anybody's, or in service.
func TestWhatNoListHasShownIsNotDestroyed(t *testing.T) {
	for _, view := range []string{"empty", "short"} {
		t.Run(view, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1")
				var ids []string
				s.world(func(w *draintest.World) {
					cron := w.AddMachine("my-app", "", "lhr", "registry.fly.io/cron:v1")
					cron.Config.Metadata, cron.State = nil, "stopped"
					for _, m := range w.Live("my-app") {
						if m.Region == "lhr" {
							w.Do(draintest.Action{Kind: "autostop", Machine: m.ID})
							ids = append(ids, m.ID)
						}
					}
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: view, Region: "lhr", Times: 3})
				})
				steps := r.Steps(s.Context())
				if err := run(steps.Destroy, ids...); err != nil {
					t.Log(err)
				}
				s.world(func(w *draintest.World) {
					if lines := w.Lines("machine destroy"); len(lines) > 0 || len(ids) != 2 {
						t.Errorf("%v: %q", ids, lines)
					}
				})
			})
		})
	}
}

// TestAMachineThatHasComeUpSinceIsNotDestroyedByForce has a machine that has come up since the list by which it was idle.
func TestAMachineThatHasComeUpSinceIsNotDestroyedByForce(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1", "S4") // by the cordon of one of few
		r := s.app("my-app", "app=iad:1")
		var id string
		s.world(func(w *draintest.World) {
			m := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v1")
			m.State, m.Passing = "created", false
			id = m.ID
		})
		steps := r.Steps(s.Context())
		if err := errors.Join(run(steps.Cordon, id), run(steps.AwaitIdle, id)); err != nil {
			t.Fatal(err)
		}
		s.world(func(w *draintest.World) { w.Machine(id).State = "started" })
		if err := run(steps.Destroy, id); err != nil {
			t.Error(err)
		}
		s.world(func(w *draintest.World) {
			if lines := w.Lines("machine destroy"); len(lines) != 1 || strings.Contains(lines[0], "--force") {
				t.Errorf("a machine that runs was destroyed by %q", lines)
			}
		})
	})
}
