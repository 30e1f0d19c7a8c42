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

// TestADrainRemovesBlueThoughGreenWasScaledDown has one green machine less than its release made.
func TestADrainRemovesBlueThoughGreenWasScaledDown(t *testing.T) {
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

// TestADrainOfSeveralAppsEndsAsItsWorstApp has one of two apps that cannot be listed.
func TestADrainOfSeveralAppsEndsAsItsWorstApp(t *testing.T) {
	for name, c := range map[string]struct {
		cordoned bool // all of the other app
		want     drain.Result
		says     string
	}{
		"the other is done":      {false, drain.ResultDraining, "draining: my-app, app-b: the old machines of app-b could not be listed; next: deploy -app my-app -app app-b -drain"},
		"a person has to decide": {true, drain.ResultPerson, "a person is needed: my-app, app-b; next: fly machine uncordon -a my-app 17810000000002  # release not by flydrain"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := together(s.app("my-app"), s.app("app-b", "app=iad:1"))
				s.generation("my-app", "", 0, 1, 1, "v1")
				if c.cordoned {
					s.allow("S1") // somebody has cordoned all
					s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "cordon", App: "my-app"}) })
				}
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{App: "app-b", Command: "machine list", Status: 404, Message: "app not found"})
				})
				report := s.ended(c.want, r.Drain, s.Context())
				if report.String() != c.says || !strings.Contains(report.Why, "--app app-b: ") {
					t.Errorf("got %s: %s\nwant %s", report, report.Why, c.says)
				}
			})
		})
	}
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

func TestDrainGoesOnAndTouchesNothingElse(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 4, time.Hour)
		s.deploy(drain.ResultDone, background(r))
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2",
			"app iad started v1 cordoned", "app iad started v1 cordoned", "worker iad started v1 cordoned")
		// Beside a release that is under way, whose green is held.
		s.generation("my-app", newer+"/1/3", 11*time.Minute, 1, 0, "v3")
		<-time.After(12 * time.Minute)
		release := s.again(r, "")
		s.ended(drain.ResultDone, release.Drain, context.Background())
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2", "app iad started v3 cordoned")
		changes := s.changes()
		s.ended(drain.ResultDone, release.Drain, context.Background())
		if s.changes() != changes {
			t.Error("a second drain changed something")
		}
	})
}

// TestARunThatRepairedKeepsBlueForItsWholeBakeTime has a host of blue come back hours after
// the cutover: its machine is cordoned only then.
func TestARunThatRepairedKeepsBlueForItsWholeBakeTime(t *testing.T) {
	simulate(t, func(s *sim) {
		r, host := losesAHost(s)
		s.deploy(drain.ResultDone, r)
		time.Sleep(10 * time.Hour)
		host("reachable")
		late := s.again(r, "")
		late.Bake = time.Hour
		begun := time.Now()
		s.ended(drain.ResultDone, late.Resume, s.Context())
		if took := time.Since(begun); took < late.Bake {
			t.Errorf("blue is gone after %v", took)
		}
	})
}
