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
		onEvent(r, drain.EventCordoned, func(drain.Event) { ended = time.Now(); cancel() })
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
		report, err := r.Deploy(ctx)
		t.Logf("%s: %v\n%s\n%s", report.Result, err, report.String(), s.list("my-app"))
		serving := 0
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if m.Takes() {
					serving++
				}
			}
		})
		if serving == 0 {
			t.Errorf("nothing takes traffic, and it says: %s", report.String())
		}
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
		report, err := r.Deploy(ctx)
		t.Logf("%s: %v\nserving %v draining %v\n%s\n%s", report.Result, err, report.Apps[0].Serving, report.Apps[0].Draining, report.String(), s.list("my-app"))
		if report.Result == drain.ResultPerson && !strings.Contains(err.Error(), "blue is uncordoned again") {
			t.Error("exit 5, and nothing says what for")
		}
		if a := report.Apps[0]; !slices.ContainsFunc(a.Green, func(id string) bool { return slices.Contains(a.Serving, id) }) && strings.Count(s.list("my-app"), "v2\n")+1 > strings.Count(s.list("my-app"), "v2 cordoned") {
			t.Error("green is open, and nothing says so")
		}
	})
}

// TestAnInterruptInTheWithdrawalLeavesNoGreenOpen comes while green is cordoned.
func TestAnInterruptInTheWithdrawalLeavesNoGreenOpen(t *testing.T) {
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
				listen := r.Events
				r.Events = func(e drain.Event) {
					listen(e)
					if e.Kind == drain.EventPhaseBegun && e.Phase == drain.PhaseDrain {
						s.after(after, cancel)
					}
				}
				report, _ := r.Deploy(ctx)
				if open := strings.Count(s.list("my-app")+"\n", "v2\n"); open > 0 {
					t.Errorf("%d of green are left open: %s\n%s", open, report.String(), s.list("my-app"))
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
