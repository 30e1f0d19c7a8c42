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

// What a drain leaves, it says.

func (s *sim) background(app *drain.App) {
	s.Helper()
	s.deploy(drain.Done, drain.Release{Apps: []*drain.App{app}, Background: true})
}

// TestADrainAfterGreenWasScaledDown has one green machine less than its release made.
func TestADrainAfterGreenWasScaledDown(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:3", "worker=iad:1")
		s.connect("my-app", "app", "iad", 3, 30*time.Minute)
		s.background(app)
		s.world(func(w *draintest.World) {
			w.Do(draintest.Action{Kind: "destroy", App: "my-app", Group: "app", Green: true})
		})
		time.Sleep(time.Hour)
		s.ended(drain.Done, (&drain.Release{Apps: []*drain.App{app}}).Drain, s.Context())
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2")
	})
}

// TestADrainSaysWhatItDoesNotTouch has one blue machine taken back: it may be a cutover.
func TestADrainSaysWhatItDoesNotTouch(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:3", "worker=iad:1")
		s.background(app)
		s.world(func(w *draintest.World) {
			w.Do(draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
		})
		s.events = nil
		s.ended(drain.Done, (&drain.Release{Apps: []*drain.App{app}}).Drain, s.Context())
		if !slices.ContainsFunc(s.events, func(e drain.Event) bool {
			return e.Kind == drain.Warning && strings.Contains(e.Text, "are not drained") && strings.Contains(e.Text, s.ids("v1")[1])
		}) {
			t.Errorf("nobody was told: %v", s.events)
		}
	})
}

func TestAnInterruptedRollbackSaysWhatDrains(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 2, 10*time.Hour)
		s.background(app)
		s.connect("my-app", "app", "iad", 2, time.Hour)
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.onPhase(app, drain.PhaseDrain, func() { s.after(5*time.Minute, cancel) })
		report := s.ended(drain.Draining, (&drain.Release{Apps: []*drain.App{app}}).Rollback, ctx)
		if left := report.Apps[0].Left; !slices.Equal(left, s.ids("v2")) || len(left) == 0 {
			t.Errorf("left: %v\n%s", left, s.list("my-app"))
		}
		time.Sleep(2 * time.Hour)
		s.ended(drain.Done, (&drain.Release{Apps: []*drain.App{app}}).Resume, s.Context())
		s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
	})
}

// TestAListThatLacksARegionEndsNoDrain has one that lacks it for three minutes.
func TestAListThatLacksARegionEndsNoDrain(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2,lhr:2", "worker=iad:1")
		s.connect("my-app", "app", "lhr", 4, time.Hour)
		s.onPhase(app, drain.PhaseDrain, func() {
			s.after(2*time.Minute, func() {
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "short", Region: "lhr"})
				})
			})
			s.after(5*time.Minute, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
		})
		s.deploy(drain.Done, only(app))
		s.wants("my-app", "app iad started v2", "app iad started v2", "app lhr started v2", "app lhr started v2", "worker iad started v2")
	})
}

// TestAStandbyThatStaysKeepsOnlyWhatItStandsFor has one that cannot be destroyed:
// it would start when that stops.
func TestAStandbyThatStaysKeepsOnlyWhatItStandsFor(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.draining(3)
		s.world(func(w *draintest.World) {
			live := w.Live("my-app")
			live[0].Config.Standbys, live[0].State = []string{live[1].ID}, "stopped"
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine destroy", Machine: live[0].ID, Status: 422, Message: "boom"})
		})
		ids := s.ids("v1")
		report := s.ended(drain.Draining, (&drain.Release{Apps: []*drain.App{app}}).Drain, s.Context())
		if gone := report.Apps[0].Gone; !slices.Equal(gone, ids[2:]) {
			t.Errorf("gone: %v of %v", gone, ids)
		}
	})
}

func TestAMachineThatWasTakenBackIsNotForgotten(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 4, 10*time.Minute)
		s.onPhase(app, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(30*time.Second), draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
			})
		})
		if report := s.deploy(drain.Draining, only(app)); !strings.Contains(report.Summary(), "taken back into traffic") {
			t.Error(report.Summary())
		}
	})
}
