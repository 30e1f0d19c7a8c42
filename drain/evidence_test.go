package drain_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// What is known of green while it is held, and of both when a cutover is taken back.

// refused is a release that its own check ends.
func refused(r *drain.Release) *drain.Release {
	r.Check = func(context.Context, string, []flyctl.Machine) error { return errors.New("no") }
	return r
}

// held is an app whose green comes up some time after its hold, and whose proxies
// know of that later.
func (s *sim) held(boot time.Duration) *drain.Release {
	s.Helper()
	r := s.app("my-app", "app=iad:1")
	s.world(func(w *draintest.World) {
		w.Boot, w.Health, w.Propagation = boot, time.Second, 9*time.Second
		w.Faults = append(w.Faults, &draintest.Fault{Command: "machine stop", Slow: time.Second})
	})
	return r
}

// TestTheHoldIsNotDatedFromBeforeTheCordon has a list and a cordon that are slow.
func TestTheHoldIsNotDatedFromBeforeTheCordon(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.held(15 * time.Second)
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine cordon", Slow: 12 * time.Second, Times: 1})
		})
		onEvent(r, drain.EventCreated, func(drain.Event) {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Slow: 12 * time.Second, Times: 1})
				w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: 3 * time.Minute, Max: 3 * time.Minute, Until: w.Now.Add(40 * time.Second)})
			})
		})
		s.deploy(drain.ResultFailed, refused(r))
	})
}

// TestGreenThatCannotBeReachedIsNotTakenForShut has its host lost for 12 s after the hold.
func TestGreenThatCannotBeReachedIsNotTakenForShut(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.held(3 * time.Second)
		onEvent(r, drain.EventHeld, func(e drain.Event) {
			s.world(func(w *draintest.World) {
				w.Do(draintest.Action{Kind: "unreachable", Machine: e.Machine})
				w.At(w.Now.Add(12*time.Second), draintest.Action{Kind: "reachable", Machine: e.Machine})
				w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: 3 * time.Minute, Max: 3 * time.Minute, Until: w.Now.Add(40 * time.Second)})
			})
		})
		s.deploy(drain.ResultFailed, refused(r))
	})
}

// TestGreenThatNobodyLookedAtIsNotTakenForShut has it come up and fall ill between two lists.
func TestGreenThatNobodyLookedAtIsNotTakenForShut(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.held(3 * time.Second)
		onEvent(r, drain.EventHeld, func(e drain.Event) {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Slow: 15 * time.Second, Times: 1})
				w.At(w.Now.Add(12*time.Second), draintest.Action{Kind: "sick", Machine: e.Machine})
				w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: 30 * time.Minute, Max: 30 * time.Minute, Until: w.Now.Add(11 * time.Second)})
			})
		})
		r.HealthTimeout = 20 * time.Second
		s.deploy(drain.ResultLeft, r)
	})
}

// TestGreenThatSomebodyCordonsInTheBakeStays has it taken for surplus otherwise.
func TestGreenThatSomebodyCordonsInTheBakeStays(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(time.Minute), draintest.Action{Kind: "cordon", App: "my-app", Group: "app", Green: true})
			})
		})
		r.Bake = 5 * time.Minute
		report, err := r.Deploy(context.Background())
		t.Logf("%s: %v: gone %v", report.Result, err, report.Apps[0].Destroyed)
		if n := strings.Count(s.list("my-app"), "app iad started v2"); n != 2 {
			t.Errorf("%d machines of green's app group are left:\n%s", n, s.list("my-app"))
		}
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

// TestBlueComesBackThoughTheListLags has lists that do not show its cordons yet.
func TestBlueComesBackThoughTheListLags(t *testing.T) {
	for _, lag := range []time.Duration{3 * time.Second, 5 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			simulate(t, func(s *sim) {
				a, b := s.app("app-a", "app=iad:2", "worker=iad:1"), s.app("app-b", "app=iad:2", "worker=iad:1")
				s.onCommand(b, drain.PhaseCutover, "machine cordon", 1, func() {
					s.world(func(w *draintest.World) {
						w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "stale", Age: lag},
							&draintest.Fault{Command: "machine cordon", App: "app-b", Machine: w.Live("app-b")[0].ID, Status: 401, Message: "unauthorized"})
					})
				})
				r := together(a, b)
				report, err := r.Deploy(context.Background())
				t.Logf("%s: %v\n%s\na:\n%s\nb:\n%s", report.Result, err, report.String(), s.list("app-a"), s.list("app-b"))
				if strings.Contains(s.list("app-a")+s.list("app-b"), "v1 cordoned") {
					t.Error("blue is not as it was")
				}
			})
		})
	}
}

// TestAnInterruptWhileBlueComesBack comes in the wait for its routing.
func TestAnInterruptWhileBlueComesBack(t *testing.T) {
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

// TestTheSmokeTimeIsNotDatedFromBeforeTheStart has a list that is slow.
func TestTheSmokeTimeIsNotDatedFromBeforeTheStart(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		s.world(func(w *draintest.World) { w.Boot = 14 * time.Second })
		s.onPhase(r, drain.PhaseGate, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Slow: 16 * time.Second, Times: 1})
			})
		})
		r.Check = func(_ context.Context, _ string, green []flyctl.Machine) error {
			for _, m := range green {
				for _, e := range m.Events {
					if ran := time.Since(time.UnixMilli(e.Timestamp)); e.Type == "start" && m.Group() == "worker" && ran < 10*time.Second {
						t.Errorf("the worker has run for %v, and the smoke time is 10s", ran)
					}
				}
			}
			return errors.New("no")
		}
		s.deploy(drain.ResultFailed, r)
	})
}

// TestClonesThatFailNowAndThenDoNotEndTheRelease has three of forty refused.
func TestClonesThatFailNowAndThenDoNotEndTheRelease(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:40")
		s.world(func(w *draintest.World) {
			for _, at := range []int{5, 15, 25} {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine clone", Status: 429, Message: "rate limit exceeded", Skip: at, Times: 1})
			}
		})
		s.deploy(drain.ResultDone, r)
	})
}
