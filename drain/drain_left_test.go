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

// TestADrainAfterGreenWasScaledDown has one green machine less than its release made.
func TestADrainAfterGreenWasScaledDown(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3", "worker=iad:1")
		s.connect("my-app", "app", "iad", 3, 30*time.Minute)
		s.deploy(drain.ResultDone, background(r))
		s.world(func(w *draintest.World) {
			w.Do(draintest.Action{Kind: "destroy", App: "my-app", Group: "app", Green: true})
		})
		time.Sleep(time.Hour)
		s.ended(drain.ResultDone, r.Drain, s.Context())
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2")
	})
}

// TestADrainSaysWhatItDoesNotTouch has one blue machine taken back: it may be a cutover.
func TestADrainSaysWhatItDoesNotTouch(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3", "worker=iad:1")
		s.deploy(drain.ResultDone, background(r))
		s.world(func(w *draintest.World) {
			w.Do(draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
		})
		s.events = nil
		s.ended(drain.ResultDraining, r.Drain, s.Context())
		if !slices.ContainsFunc(s.events, func(e drain.Event) bool {
			return e.Kind == drain.EventWarning && strings.Contains(e.Why, "not draining these") && strings.Contains(e.Why, s.ids("v1")[1])
		}) {
			t.Errorf("nobody was told: %v", s.events)
		}
	})
}

func TestAnInterruptedRollbackSaysWhatDrains(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 2, 10*time.Hour)
		s.deploy(drain.ResultDone, background(r))
		s.connect("my-app", "app", "iad", 2, time.Hour)
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.onPhase(r, drain.PhaseDrain, func() { s.after(5*time.Minute, cancel) })
		report := s.ended(drain.ResultDraining, r.Rollback, ctx)
		if left := report.Apps[0].Draining; !slices.Equal(left, s.ids("v2")) || len(left) == 0 {
			t.Errorf("left: %v\n%s", left, s.list("my-app"))
		}
		time.Sleep(2 * time.Hour)
		s.ended(drain.ResultDone, r.Resume, s.Context())
		s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
	})
}

// TestAListThatLacksARegionEndsNoDrain has one that lacks it for three minutes.
func TestAListThatLacksARegionEndsNoDrain(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2,lhr:2", "worker=iad:1")
		s.connect("my-app", "app", "lhr", 4, time.Hour)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.after(2*time.Minute, func() {
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "short", Region: "lhr"})
				})
			})
			s.after(5*time.Minute, func() { s.world(func(w *draintest.World) { w.Faults = nil }) })
		})
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "app iad started v2", "app lhr started v2", "app lhr started v2", "worker iad started v2")
	})
}

// TestAStandbyThatStaysKeepsOnlyWhatItStandsFor has one that cannot be destroyed:
// it would start when that stops.
func TestAStandbyThatStaysKeepsOnlyWhatItStandsFor(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(3)
		s.world(func(w *draintest.World) {
			live := w.Live("my-app")
			live[0].Config.Standbys, live[0].State = []string{live[1].ID}, "stopped"
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine destroy", Machine: live[0].ID, Status: 422, Message: "boom"})
		})
		ids := s.ids("v1")
		report := s.ended(drain.ResultDraining, r.Drain, s.Context())
		if gone := report.Apps[0].Destroyed; !slices.Equal(gone, ids[2:]) {
			t.Errorf("gone: %v of %v", gone, ids)
		}
	})
}

func TestAMachineThatWasTakenBackIsNotForgotten(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 4, 10*time.Minute)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(30*time.Second), draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
			})
		})
		if report := s.deploy(drain.ResultDraining, r); !strings.Contains(report.String(), "somebody has uncordoned old machines, so they are left alone: 17810000000001; next: fly machine cordon -a my-app 17810000000001; then: deploy -app my-app -drain") {
			t.Error(report.String())
		}
	})
}
