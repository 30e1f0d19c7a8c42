package drain_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

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
		s.onEvent(r, drain.EventCreated, func(drain.Event) {
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
		s.onEvent(r, drain.EventHeld, func(e drain.Event) {
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
		s.onEvent(r, drain.EventHeld, func(e drain.Event) {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Slow: 15 * time.Second, Times: 1})
				w.At(w.Now.Add(12*time.Second), draintest.Action{Kind: "sick", Machine: e.Machine})
				w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: 30 * time.Minute, Max: 30 * time.Minute, Until: w.Now.Add(11 * time.Second)})
			})
		})
		r.HealthTimeout = 20 * time.Second
		s.world(func(w *draintest.World) { w.Faults = nil }) // no machine is stopped
		s.deploy(drain.ResultLeft, r)
	})
}

// TestBlueComesBackThoughTheListLags has lists that do not show its cordons yet. An
// uncordon that fails for good is tried three times all the same, and then needs a person.
func TestBlueComesBackThoughTheListLags(t *testing.T) {
	for _, c := range []struct {
		lag   time.Duration
		fails int // uncordons of one machine that does not come back
		want  drain.Result
	}{{3 * time.Second, 0, drain.ResultFailed}, {5 * time.Second, 0, drain.ResultFailed}, {10 * time.Second, 3, drain.ResultPerson}} {
		t.Run(c.lag.String(), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := together(s.app("app-a", "app=iad:2", "worker=iad:1"), s.app("app-b", "app=iad:2", "worker=iad:1"))
				stays := &draintest.Fault{Command: "machine uncordon", App: "app-a", Status: 401, Message: "unauthorized"}
				s.onCommand(r, drain.PhaseCutover, "machine cordon", 1, func() {
					s.world(func(w *draintest.World) {
						w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "stale", Age: c.lag},
							&draintest.Fault{Command: "machine cordon", App: "app-b", Machine: w.Live("app-b")[0].ID, Status: 401, Message: "unauthorized"})
						if stays.Machine = w.Live("app-a")[0].ID; c.fails > 0 {
							w.Faults = append(w.Faults, stays)
						}
					})
				})
				report := s.deploy(c.want, r)
				t.Logf("%s\na:\n%s\nb:\n%s", report, s.list("app-a"), s.list("app-b"))
				if back := !strings.Contains(s.list("app-a")+s.list("app-b"), "v1 cordoned"); back != (c.fails == 0) || stays.Seen != c.fails {
					t.Errorf("blue is as it was: %v, and an uncordon failed %d times", back, stays.Seen)
				}
			})
		})
	}
}

// TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeldLeavesWithoutACut has clients come until all
// know: some land on green that was held, and the release fails.
func TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeldLeavesWithoutACut(t *testing.T) {
	for name, c := range map[string]struct {
		known, waits time.Duration
		sick         bool
		fault        draintest.Fault
		says         string
	}{
		"the gate refuses, after the default":  {known: 9 * time.Second, says: "no"},
		"the gate refuses, and it is sick":     {known: 9 * time.Second, sick: true, says: "no"},
		"the gate refuses, after another time": {known: 15 * time.Second, waits: 20 * time.Second, says: "no"},
		"it cannot be made whole": {known: 15 * time.Second, waits: 20 * time.Second,
			fault: draintest.Fault{Command: "machine clone", Status: 422, Message: "full"}, says: "full"},
	} {
		t.Run(name, func(t *testing.T) {
			for comesUp := 2 * time.Second; comesUp < c.known+20*time.Second; comesUp += comesUpStep() {
				comesUpHeld(t, comesUp, c.known, "app=iad:2", func(s *sim, r *drain.Release) {
					if fault := c.fault; fault.Command != "" {
						s.world(func(w *draintest.World) { w.Faults = append(w.Faults, &fault) })
					}
					r.Propagation = c.waits
					r.Check = func(context.Context, string, []flyctl.Machine) error {
						if c.sick {
							s.world(func(w *draintest.World) {
								w.Do(draintest.Action{Kind: "sick", App: "my-app", Green: true})
							})
						}
						time.Sleep(time.Minute)
						return errors.New("no")
					}
					if report, err := r.Deploy(context.Background()); report.Result != drain.ResultFailed || err == nil || !strings.HasSuffix(err.Error(), c.says) {
						s.Errorf("%s: %v", report.Result, err)
					}
					s.wants("my-app", "app iad started v1", "app iad started v1")
					if comesUp > c.known+15*time.Second && len(s.readings("")) > 0 {
						s.Error("green that never took traffic was drained")
					}
				})
			}
		})
	}
}

// TestASurplusMachineThatComesUpBeforeAllProxiesKnowThatItIsHeldLeavesWithoutACut is the same
// for the machine that flyctl makes in the primary region, where blue has none.
func TestASurplusMachineThatComesUpBeforeAllProxiesKnowThatItIsHeldLeavesWithoutACut(t *testing.T) {
	for comesUp := 2 * time.Second; comesUp < 12*time.Second; comesUp += comesUpStep() {
		comesUpHeld(t, comesUp, 9*time.Second, "app=iad:0,lhr:2", func(s *sim, r *drain.Release) {
			s.deploy(drain.ResultDone, r)
			s.wants("my-app", "app lhr started v2", "app lhr started v2")
		})
	}
	comesUpHeld(t, 20*time.Second, 9*time.Second, "app=iad:0,lhr:2", func(s *sim, r *drain.Release) {
		if err := drain.Run(r.Steps(context.Background()).Green("")); err != nil {
			s.Error(err)
		}
		s.wants("my-app", "app lhr started v1", "app lhr started v1", "app lhr started v2 cordoned", "app lhr started v2 cordoned")
	})
}

func comesUpStep() time.Duration {
	if !long() {
		return 5700 * time.Millisecond
	}
	return 600 * time.Millisecond
}

// comesUpHeld has green that needs some time to come up, and clients until all
// proxies know that it is held.
func comesUpHeld(t *testing.T, comesUp, known time.Duration, shape string, do func(*sim, *drain.Release)) {
	t.Run(comesUp.String(), func(t *testing.T) {
		simulate(t, func(s *sim) {
			r := s.app("my-app", shape)
			s.world(func(w *draintest.World) {
				w.Boot, w.Health, w.Propagation = comesUp/2, comesUp/2, known
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine stop", Slow: time.Second})
			})
			s.onEvent(r, drain.EventHeld, func(drain.Event) {
				for at := time.Duration(0); at < known; at += 100 * time.Millisecond {
					s.after(at, func() { s.connect("my-app", "app", "iad", 1, 3*time.Minute) })
				}
			})
			do(s, r)
		})
	})
}

func TestGreenThatWasOpenedLeavesByDrain(t *testing.T) {
	for name, action := range map[string]draintest.Action{
		"somebody deploys":              {Kind: "deploy", Image: "registry.fly.io/my-app:v9"},
		"somebody takes it out himself": {Kind: "cordon", Green: true},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				s.world(func(w *draintest.World) {
					w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Boot: 20 * time.Second} // all proxies know by then that it is held
					w.Serve(draintest.Load{App: "my-app", Every: 200 * time.Millisecond, Min: time.Minute, Max: 2 * time.Minute, Until: w.Now.Add(2 * time.Minute)})
				})
				s.onPhase(r, drain.PhaseCutover, func() {
					time.AfterFunc(8*time.Second, func() { // in the propagation wait: green is open
						action.App, action.Group = "my-app", "app"
						s.world(func(w *draintest.World) { w.Do(action) })
					})
				})
				s.deploy(drain.ResultFailed, r)
			})
		})
	}
}
