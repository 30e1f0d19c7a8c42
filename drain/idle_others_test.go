package drain_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestADrainGoesOnWhateverOthersDoToIt has what can happen to blue while it drains.
func TestADrainGoesOnWhateverOthersDoToIt(t *testing.T) {
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

func TestAnIdleMachineThatCouldNotBeDestroyedIsLookedAtAgain(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		listen := r.Events
		var once sync.Once
		r.Events = func(e drain.Event) {
			listen(e)
			if e.Kind != drain.EventIdle || e.Group != "app" {
				return
			}
			once.Do(func() {
				do := func(kind string) func() {
					return func() { s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: kind, Machine: e.Machine}) }) }
				}
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine stop", Machine: e.Machine, Status: 500})
				})
				const refused = 4*time.Minute + 30*time.Second // for longer than a stop is tried again
				s.after(refused, do("uncordon"))
				s.after(refused+6*time.Second, func() { s.connect("my-app", "app", "iad", 9, 3*time.Hour) })
				s.after(refused+12*time.Second, do("cordon"))
				s.after(refused+18*time.Second, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
			})
		}
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}
