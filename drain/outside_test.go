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

// TestWhatHappensToGreenBeforeTheCutover has what the platform can do to green
// while it is made and checked.
func TestWhatHappensToGreenBeforeTheCutover(t *testing.T) {
	for name, c := range map[string]struct {
		phase  drain.Phase
		action draintest.Action
		want   drain.Result
		says   string
	}{
		"the proxy stops one: it is started again": {drain.PhaseGate, draintest.Action{Kind: "autostop"}, drain.ResultDone, ""},
		"one crashes once: it starts again":        {drain.PhaseGate, draintest.Action{Kind: "crash"}, drain.ResultDone, ""},
		"one is destroyed while it is checked":     {drain.PhaseGate, draintest.Action{Kind: "destroy"}, drain.ResultFailed, "gone"},
		"one is destroyed before a list shows it":  {drain.PhasePrepare, draintest.Action{Kind: "destroy"}, drain.ResultDone, ""},
		"the host of one cannot be reached":        {drain.PhaseGate, draintest.Action{Kind: "unreachable"}, drain.ResultLeft, "unreachable"},
		"one falls ill":                            {drain.PhaseGate, draintest.Action{Kind: "sick"}, drain.ResultFailed, "check"},
		"one falls ill when it is open":            {drain.PhaseCutover, draintest.Action{Kind: "sick"}, drain.ResultFailed, "check"},
		"one crashes when it is open":              {drain.PhaseCutover, draintest.Action{Kind: "crash"}, drain.ResultFailed, ""},
		"somebody uncordons one: it is held again": {drain.PhaseGate, draintest.Action{Kind: "uncordon"}, drain.ResultDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
				r.HealthTimeout = time.Minute
				s.connect("my-app", "app", "iad", 4, 3*time.Minute)
				c.action.App, c.action.Group, c.action.Green = "my-app", "app", true
				delay := 1500 * time.Millisecond // by then all of green runs, and none is open
				if c.phase == drain.PhasePrepare {
					delay = 500 * time.Millisecond // by then the first of green is created, and not listed
				}
				s.onPhase(r, c.phase, func() {
					s.world(func(w *draintest.World) { w.At(w.Now.Add(delay), c.action) })
				})
				report, err := r.Deploy(context.Background())
				if report.Result != c.want || (err == nil) != (c.want == drain.ResultDone) || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", report.Result, err)
				}
				image := "v1"
				if c.want == drain.ResultDone {
					image = "v2"
				}
				if c.want != drain.ResultLeft {
					s.wants("my-app", "app iad started "+image, "app iad started "+image, "app lhr started "+image, "worker iad started "+image)
				}
				s.world(func(w *draintest.World) { w.Account.Cut = 0 }) // by what happened outside
			})
		})
	}
}

// TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeld has clients come until all
// know: some land on green that was held, and the release fails.
func TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeld(t *testing.T) {
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

// TestASurplusMachineThatComesUpBeforeAllProxiesKnowThatItIsHeld is the same
// for the machine that flyctl makes in the primary region, where blue has none.
func TestASurplusMachineThatComesUpBeforeAllProxiesKnowThatItIsHeld(t *testing.T) {
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
	if !long {
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
			onEvent(r, drain.EventHeld, func(drain.Event) {
				for at := time.Duration(0); at < known; at += 100 * time.Millisecond {
					s.after(at, func() { s.connect("my-app", "app", "iad", 1, 3*time.Minute) })
				}
			})
			do(s, r)
		})
	})
}

// TestWhatOthersDoToADrainUnderWay has what can happen to blue while it drains.
func TestWhatOthersDoToADrainUnderWay(t *testing.T) {
	for name, c := range map[string]struct {
		action draintest.Action
		want   drain.Result
		left   []string
	}{
		"somebody destroys one":      {draintest.Action{Kind: "destroy"}, drain.ResultDone, nil},
		"somebody stops one":         {draintest.Action{Kind: "stop"}, drain.ResultDone, nil},
		"the proxy stops one":        {draintest.Action{Kind: "autostop"}, drain.ResultDone, nil},
		"one crashes":                {draintest.Action{Kind: "crash"}, drain.ResultDone, nil},
		"somebody takes one back in": {draintest.Action{Kind: "uncordon"}, drain.ResultDraining, []string{"app iad started v1", "worker iad stopped v1 cordoned"}},
		"somebody leases one":        {draintest.Action{Kind: "lease", For: 12 * time.Minute}, drain.ResultDone, nil},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				s.connect("my-app", "app", "iad", 4, 10*time.Minute)
				c.action.App, c.action.Group, c.action.Blue = "my-app", "app", true
				s.onPhase(r, drain.PhaseDrain, func() {
					s.world(func(w *draintest.World) { w.At(w.Now.Add(30*time.Second), c.action) })
				})
				s.deploy(c.want, r)
				s.wants("my-app", append(c.left, v2...)...)
				s.world(func(w *draintest.World) {
					for _, cut := range w.Account.Cuts {
						if strings.HasPrefix(cut.By, "outside") || strings.HasPrefix(cut.By, "platform") {
							w.Account.Cut--
						}
					}
				})
			})
		})
	}
}

// TestAMachineThatCannotBeReachedIsWaitedFor has no command for it until it can.
func TestAMachineThatCannotBeReachedIsWaitedFor(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 4, 10*time.Minute)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				gone := draintest.Action{Kind: "unreachable", App: "my-app", Group: "app", Blue: true}
				w.At(w.Now.Add(30*time.Second), gone)
				gone.Kind = "reachable"
				w.At(w.Now.Add(20*time.Minute), gone)
			})
			s.after(12*time.Minute, func() { // the other has left
				before := s.changes()
				<-time.After(7 * time.Minute)
				if n := s.changes() - before; n != 0 {
					t.Errorf("%d commands for a machine that nothing is known of", n)
				}
			})
		})
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}

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
				want := drain.ResultFailed
				if action.Green {
					want = drain.ResultDone // it is uncordoned again
				}
				s.deploy(want, r)
			})
		})
	}
}

// TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount has the host of a green
// machine lost in the propagation wait: nobody knows whether it serves.
func TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseCutover, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(5*time.Second), draintest.Action{Kind: "unreachable", App: "my-app", Group: "app", Green: true})
			})
		})
		report := s.ended(drain.ResultLeft, r.Deploy, context.Background())
		s.world(func(w *draintest.World) {
			for _, id := range report.Apps[0].Blue {
				if m := w.Machine(id); m == nil || m.Cordoned {
					t.Errorf("blue machine %s is out of traffic", id)
				}
			}
		})
	})
}

func TestMachinesThatHaveAppearedAreNamedAndNothingIsSaidToBeLeftOfNone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.onPhase(r, drain.PhaseGate, func() {
			s.world(func(w *draintest.World) {
				w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Unhealthy: true}
			})
			go func() {
				res, err := s.fly.Runner()(s.Context(), flyctl.Command{Args: strings.Fields("machine clone -a my-app --detach 17810000000001"), Env: []string{"DRAINTEST_OTHER=1"}})
				if err != nil || res.ExitCode != 0 {
					t.Errorf("%s, %v", res.Stderr, err)
				}
			}()
		})
		report, err := r.Deploy(s.Context())
		var appeared string
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if m.ID != "17810000000001" && m.ID != "17810000000002" {
					appeared += m.ID
				}
			}
		})
		want := "failed: my-app: the old release serves as before; machines have appeared since this run began, and it is not known whose they are: look at " + appeared
		if err == nil || report.Result != drain.ResultFailed || report.String() != want {
			t.Errorf("%v\n%s, want\n%s", err, report, want)
		}
	})
}
