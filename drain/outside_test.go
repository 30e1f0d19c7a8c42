package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
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
		"the proxy stops one: it is started again": {drain.PhaseGate, draintest.Action{Kind: "autostop"}, drain.Done, ""},
		"one crashes once: it starts again":        {drain.PhaseGate, draintest.Action{Kind: "crash"}, drain.Done, ""},
		"one is destroyed while it is checked":     {drain.PhaseGate, draintest.Action{Kind: "destroy"}, drain.Failed, "gone"},
		"one is destroyed while others are made":   {drain.PhasePrepare, draintest.Action{Kind: "destroy"}, drain.Failed, "fewer machines"},
		"the host of one cannot be reached":        {drain.PhaseGate, draintest.Action{Kind: "unreachable"}, drain.Left, "unreachable"},
		"one falls ill":                            {drain.PhaseGate, draintest.Action{Kind: "sick"}, drain.Failed, "check"},
		"one falls ill when it is open":            {drain.PhaseCutover, draintest.Action{Kind: "sick"}, drain.Failed, "check"},
		"one crashes when it is open":              {drain.PhaseCutover, draintest.Action{Kind: "crash"}, drain.Failed, ""},
		"somebody uncordons one":                   {drain.PhaseGate, draintest.Action{Kind: "uncordon"}, drain.Failed, "uncordoned"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				app := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
				s.connect("my-app", "app", "iad", 4, 3*time.Minute)
				c.action.App, c.action.Group, c.action.Green = "my-app", "app", true
				delay := 3 * time.Second // by then the first of green runs, and none is open
				if c.phase != drain.PhasePrepare {
					delay = 1500 * time.Millisecond
				}
				s.onPhase(app, c.phase, func() {
					s.world(func(w *draintest.World) { w.At(w.Now.Add(delay), c.action) })
				})
				report, err := (&drain.Release{Apps: []*drain.App{app}}).Deploy(context.Background())
				if report.Result != c.want || (err == nil) != (c.want == drain.Done) || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", report.Result, err)
				}
				image := "v1"
				if c.want == drain.Done {
					image = "v2"
				}
				if c.want != drain.Left {
					s.wants("my-app", "app iad started "+image, "app iad started "+image, "app lhr started "+image, "worker iad started "+image)
				}
				s.world(func(w *draintest.World) { w.Account.Cut = 0 }) // by what happened outside
			})
		})
	}
}

// TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeld has clients come all the
// time: one lands on green that was held, and green fails.
func TestGreenThatComesUpBeforeAllProxiesKnowThatItIsHeld(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2", "worker=iad:1")
		onEvent(app, drain.Held, func(drain.Event) {
			for i := range 30 {
				s.after(time.Duration(i)*100*time.Millisecond, func() { s.connect("my-app", "app", "iad", 1, 3*time.Minute) })
			}
		})
		s.onPhase(app, drain.PhaseGate, func() {
			s.world(func(w *draintest.World) {
				w.Do(draintest.Action{Kind: "sick", App: "my-app", Group: "app", Green: true})
			})
		})
		s.deploy(drain.Failed, only(app))
		s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
	})
}

// TestWhatOthersDoToADrainUnderWay has what can happen to blue while it drains.
func TestWhatOthersDoToADrainUnderWay(t *testing.T) {
	for name, c := range map[string]struct {
		action draintest.Action
		want   drain.Result
		left   string
	}{
		"somebody destroys one":      {draintest.Action{Kind: "destroy"}, drain.Done, ""},
		"somebody stops one":         {draintest.Action{Kind: "stop"}, drain.Done, ""},
		"the proxy stops one":        {draintest.Action{Kind: "autostop"}, drain.Done, ""},
		"one crashes":                {draintest.Action{Kind: "crash"}, drain.Done, ""},
		"somebody takes one back in": {draintest.Action{Kind: "uncordon"}, drain.Draining, "app iad started v1"},
		"somebody leases one":        {draintest.Action{Kind: "lease", For: 12 * time.Minute}, drain.Done, ""},
		"one cannot be reached":      {draintest.Action{Kind: "unreachable"}, drain.Done, ""},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				app := s.app("my-app", "app=iad:2", "worker=iad:1")
				s.connect("my-app", "app", "iad", 4, 10*time.Minute)
				c.action.App, c.action.Group, c.action.Blue = "my-app", "app", true
				s.onPhase(app, drain.PhaseDrain, func() {
					s.world(func(w *draintest.World) {
						w.At(w.Now.Add(30*time.Second), c.action)
						if c.action.Kind == "unreachable" {
							again := c.action
							again.Kind = "reachable"
							w.At(w.Now.Add(30*time.Minute), again)
						}
					})
				})
				s.deploy(c.want, only(app))
				want := []string{"app iad started v2", "app iad started v2", "worker iad started v2"}
				if c.left != "" {
					want = append(want, c.left)
				}
				s.wants("my-app", want...)
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

// TestAMachineThatIsTakenBackWhileItsStopIsTriedAgain has a lease that holds up
// the stop of an idle machine, and somebody who uncordons it meanwhile.
func TestAMachineThatIsTakenBackWhileItsStopIsTriedAgain(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(app, drain.PhaseDrain, func() {
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
		s.deploy(drain.Draining, only(app))
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2", "app iad started v1")
	})
}

func TestGreenThatWasOpenedLeavesByDrain(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.world(func(w *draintest.World) {
			w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Boot: 20 * time.Second} // all proxies know by then that it is held
			w.Serve(draintest.Load{App: "my-app", Every: 200 * time.Millisecond, Min: time.Minute, Max: 2 * time.Minute, Until: w.Now.Add(2 * time.Minute)})
		})
		s.onPhase(app, drain.PhaseCutover, func() {
			time.AfterFunc(8*time.Second, func() { // in the propagation wait: green is open
				s.world(func(w *draintest.World) {
					w.Do(draintest.Action{Kind: "deploy", App: "my-app", Group: "app", Image: "registry.fly.io/my-app:v9"})
				})
			})
		})
		s.deploy(drain.Failed, only(app))
	})
}

// TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount has the host of a green
// machine lost in the propagation wait: nobody knows whether it serves.
func TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(app, drain.PhaseCutover, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(5*time.Second), draintest.Action{Kind: "unreachable", App: "my-app", Group: "app", Green: true})
			})
		})
		report := s.ended(drain.Left, (&drain.Release{Apps: []*drain.App{app}}).Deploy, context.Background())
		s.world(func(w *draintest.World) {
			for _, id := range report.Apps[0].Blue {
				if m := w.Machine(id); m == nil || m.Cordoned {
					t.Errorf("blue machine %s is out of traffic", id)
				}
			}
		})
	})
}
