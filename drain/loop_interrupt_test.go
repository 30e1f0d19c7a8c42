package drain_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestInterruptedWhileBlueIsCordonedTheCutoverIsFinished interrupts when the first
// of blue is out. The last takes a while.
func TestInterruptedWhileBlueIsCordonedTheCutoverIsFinished(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.three()
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine cordon", Machine: w.Live("app-2")[1].ID, Slow: time.Second})
		})
		var ended time.Time
		s.onEvent(r, drain.EventCordoned, func(drain.Event) { ended = time.Now(); cancel() })
		report := s.ended(drain.ResultDraining, r.Deploy, ctx)
		if took := time.Since(ended); took > 9*time.Second {
			t.Errorf("it took %v to leave, and CI kills after 10 s", took)
		}
		for _, a := range report.Apps {
			if len(a.Draining) != 4 {
				t.Errorf("%s: of blue there are out: %v", a.App, a.Draining)
			}
		}
		s.consistent(r)
	})
}

// TestAnInterruptDoesNotHideThatGreenIsTooWeak comes between two looks after blue is out.
func TestAnInterruptDoesNotHideThatGreenIsTooWeak(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		ctx, cancel := context.WithCancel(context.Background())
		s.onCommand(r, drain.PhaseCutover, "machine cordon", 1, func() {
			s.world(func(w *draintest.World) {
				for _, m := range w.Live("my-app") {
					if _, green := m.Mark(); green && m.Group() == "app" {
						w.Do(draintest.Action{Kind: "sick", Machine: m.ID})
					}
				}
			})
			s.after(2700*time.Millisecond, cancel)
		})
		s.ended(drain.ResultLeft, r.Deploy, ctx)
		s.wants("my-app", append([]string{"app iad started v1", "app iad started v1", "worker iad started v1"}, v2...)...)
	})
}

// TestAnInterruptWhileBlueComesBackSaysWhatServes comes in the wait for its routing.
func TestAnInterruptWhileBlueComesBackSaysWhatServes(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		ctx, cancel := context.WithCancel(context.Background())
		s.onCommand(r, drain.PhaseCutover, "machine cordon", 1, func() {
			s.world(func(w *draintest.World) {
				w.Do(draintest.Action{Kind: "sick", App: "my-app", Group: "app", Green: true})
			})
		})
		n := 0
		listen := r.Events
		r.Events = func(e drain.Event) {
			listen(e)
			if e.Kind == drain.EventUncordoned {
				if n++; n == 4 { // 3 green, and the first of blue
					s.after(3*time.Second, cancel)
				}
			}
		}
		report := s.ended(drain.ResultLeft, r.Deploy, ctx)
		s.wants("my-app", append([]string{"app iad started v1", "app iad started v1", "worker iad started v1"}, v2...)...)
		for _, id := range s.ids("v2") {
			if !slices.Contains(report.Apps[0].Serving, id) || !strings.Contains(report.String(), id) {
				t.Errorf("green machine %s serves, and it says: %s", id, report)
			}
		}
	})
}

// TestAnInterruptWhileGreenIsCordonedNamesTheGreenThatServes comes when the run goes back.
func TestAnInterruptWhileGreenIsCordonedNamesTheGreenThatServes(t *testing.T) {
	for _, after := range []time.Duration{0, 60 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, 900 * time.Millisecond, 1500 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				ctx, cancel := context.WithCancel(context.Background())
				s.onPhase(r, drain.PhaseCutover, func() {
					s.world(func(w *draintest.World) {
						w.At(w.Now.Add(8*time.Second), draintest.Action{Kind: "deploy", App: "my-app", Group: "app", Image: "registry.fly.io/my-app:v9"})
					})
				})
				s.onCommand(r, drain.PhaseUndo, "machine cordon", 1, func() { s.after(after, cancel) })
				report := s.ended(drain.ResultLeft, r.Deploy, ctx)
				for _, id := range s.ids("v2") {
					serves := false
					s.world(func(w *draintest.World) { serves = !w.Machine(id).Cordoned })
					if serves != slices.Contains(report.Apps[0].Serving, id) || serves && !strings.Contains(report.String(), id) {
						t.Errorf("green machine %s serves: %v, and it says: %s", id, serves, report)
					}
				}
			})
		})
	}
}

// TestAnInterruptInTheDrainOfGreenIsBounded comes while Fly lists nothing.
func TestAnInterruptInTheDrainOfGreenIsBounded(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		ctx, cancel := context.WithCancel(context.Background())
		var at time.Time
		s.onPhase(r, drain.PhaseCutover, func() {
			s.world(func(w *draintest.World) {
				w.Serve(draintest.Load{App: "my-app", Every: 200 * time.Millisecond, Min: time.Hour, Max: time.Hour, Until: w.Now.Add(12 * time.Second)})
				w.At(w.Now.Add(8*time.Second), draintest.Action{Kind: "sick", App: "my-app", Group: "app", Green: true})
			})
			s.after(90*time.Second, func() {
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Status: 500, Message: "internal server error"})
				})
			})
			s.after(100*time.Second, func() { at = time.Now(); cancel() })
		})
		report, err := r.Deploy(ctx)
		if took := time.Since(at); took > 10*time.Second {
			t.Errorf("it left %v after the interrupt: %s: %v", took, report.Result, err)
		}
	})
}
