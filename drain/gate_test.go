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

// TestGreenIsHeldWhileFlyctlIsStillAtWork has a deploy that waits for its machine
// to listen, as flyctl does: by then the machine would take traffic.
func TestGreenIsHeldWhileFlyctlIsStillAtWork(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
		s.world(func(w *draintest.World) {
			w.Boot, w.Health = 3*time.Second, 3*time.Second
			w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: time.Second, Max: 20 * time.Second, Until: w.Now.Add(time.Minute)})
		})
		s.deploy(drain.ResultDone, r)
		s.world(func(w *draintest.World) {
			for _, e := range w.Exposures() {
				t.Errorf("green %s took traffic for %v before the gate, and %d connections landed", e.Machine, e.Time, e.Landed)
			}
		})
	})
}

// TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate has a group without
// checks: that it runs is all there is to go by.
func TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "worker=iad:1")
		r.Apps[0].Dir = s.dir("app = \"my-app\"\nprimary_region = \"iad\"\n\n[processes]\nworker = \"work\"\n")
		s.world(func(w *draintest.World) { w.Images[r.Apps[0].Image] = &draintest.Image{CrashAfter: 5 * time.Second} })
		report, err := r.Deploy(context.Background())
		if report.Result != drain.ResultFailed || err == nil || !strings.Contains(err.Error(), "stay up") {
			t.Errorf("%s: %v", report.Result, err)
		}
		s.wants("my-app", "worker iad started v1")
	})
}

// TestAStopByTheProxyIsNoCrash has two, each of which is a new start too.
func TestAStopByTheProxyIsNoCrash(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseGate, func() {
			s.world(func(w *draintest.World) {
				stop := draintest.Action{Kind: "autostop", App: "my-app", Group: "app", Green: true}
				w.At(w.Now.Add(1500*time.Millisecond), stop)
				w.At(w.Now.Add(8*time.Second), stop)
			})
		})
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}

func TestGreenMayTakeItsTimeWhereThereIsNoLimit(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.HealthTimeout = drain.None
		s.world(func(w *draintest.World) { w.Health = 6 * time.Minute })
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}

// TestWhatIsKnownOfAllAppsIsOfOneTime has an app of which a list takes half a
// minute, before blue is cordoned, and green of another that falls ill meanwhile.
func TestWhatIsKnownOfAllAppsIsOfOneTime(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.three()
		first, second := r.Apps[0].Name, r.Apps[1].Name
		onEvent(r, drain.EventUncordoned, func(drain.Event) {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(25*time.Second), draintest.Action{Kind: "sick", App: first, Group: "app", Green: true})
			})
			s.after(5*time.Second, func() {
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", App: second, Slow: 30 * time.Second, Times: 1})
				})
			})
		})
		report := s.deploy(drain.ResultFailed, r)
		for _, e := range s.of(drain.EventCordoned) {
			if e.App == first && slices.Contains(report.Apps[0].Blue, e.Machine) {
				t.Errorf("blue machine %s was cordoned", e.Machine)
			}
		}
	})
}
