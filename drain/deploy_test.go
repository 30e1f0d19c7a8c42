package drain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestAReleaseReplacesAllOfBlueAndCutsNothing(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
		s.connect("my-app", "app", "iad", 6, time.Hour)
		s.connect("my-app", "app", "lhr", 3, 10*time.Minute)
		report := s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "app iad started v2", "app lhr started v2", "worker iad started v2")
		if a := report.Apps[0]; len(a.Blue) != 4 || len(a.Green) != 4 || len(a.Destroyed) != 4 || len(a.Draining) != 0 || a.Cut != 0 {
			t.Errorf("%+v", a)
		}
		opened, cordoned := s.of(drain.EventUncordoned), s.of(drain.EventCordoned)
		if both := cordoned[len(cordoned)-1].Time.Sub(opened[0].Time); both < 10*time.Second || both > 20*time.Second {
			t.Errorf("both served for %v", both)
		}
		if n := len(s.of(drain.EventPhaseEnded)); n != 5 { // nothing was built
			t.Errorf("%d phases", n)
		}
	})
}

func TestFiveAppsChangeOverTogether(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.apps(5, "app=iad:2,lhr:1", "worker=iad:1")
		for i, a := range r.Apps {
			s.connect(a.Name, "app", "iad", 4, time.Duration(i+1)*time.Minute)
		}
		s.deploy(drain.ResultDone, r)
		for _, a := range r.Apps {
			s.wants(a.Name, "app iad started v2", "app iad started v2", "app lhr started v2", "worker iad started v2")
		}
		// The phases have barriers: no blue is cordoned before every green is open.
		lastOpen, firstCordon := time.Time{}, time.Time{}
		for _, e := range s.events {
			if e.Kind == drain.EventUncordoned {
				lastOpen = e.Time
			}
			if e.Kind == drain.EventCordoned && firstCordon.IsZero() {
				firstCordon = e.Time
			}
		}
		if !firstCordon.After(lastOpen) {
			t.Errorf("blue was cordoned at %v, green opened until %v", firstCordon, lastOpen)
		}
	})
}

func TestManyMachinesInFiveRegionsChangeOverWithinTheRateLimits(t *testing.T) {
	n, shape := 24, "app=iad:8,lhr:6,ams:4,nrt:3,syd:2"
	if long() {
		n, shape = 60, "app=iad:20,lhr:15,ams:10,nrt:10,syd:4"
	}
	simulate(t, func(s *sim) {
		r := s.app("my-app", shape, "worker=iad:1")
		for _, region := range []string{"iad", "lhr", "ams", "nrt", "syd"} {
			s.connect("my-app", "app", region, 40, 5*time.Minute)
		}
		s.deploy(drain.ResultDone, r)
		if left := len(strings.Split(s.list("my-app"), "\n")); left != n {
			t.Errorf("%d machines", left)
		}
		for _, p := range s.of(drain.EventPhaseEnded) {
			if p.Phase == drain.PhaseCutover && p.Took > 30*time.Second {
				t.Errorf("the cutover of %d machines took %v", n, p.Took)
			}
		}
	})
}

func TestAReleaseOnTopOfTwoThatStillDrainRemovesBoth(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		for gen := 2; gen <= 4; gen++ {
			s.connect("my-app", "app", "iad", 4, 30*time.Minute)
			again := s.again(r, fmt.Sprint("v", gen))
			again.Background = gen < 4
			s.deploy(drain.ResultDone, again)
		}
		s.wants("my-app", "app iad started v4", "app iad started v4", "worker iad started v4")
	})
}

func TestAnUnhealthyGreenInTheLastOfFiveAppsLeavesAllOnBlue(t *testing.T) {
	simulate(t, func(s *sim) {
		s.world(func(w *draintest.World) {
			w.Images["registry.fly.io/app-4:v2"] = &draintest.Image{Unhealthy: true}
		})
		r := s.apps(5, "app=iad:2", "worker=iad:1")
		r.HealthTimeout = time.Minute
		for _, a := range r.Apps {
			s.connect(a.Name, "app", "iad", 4, 20*time.Hour)
		}
		s.deploy(drain.ResultFailed, r)
		for _, a := range r.Apps {
			s.wants(a.Name, "app iad started v1", "app iad started v1", "worker iad started v1")
		}
	})
}

func TestACheckThatRefusesLeavesBlueServing(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.Check = func(_ context.Context, app string, green []flyctl.Machine) error {
			if app != "my-app" || len(green) != 3 {
				t.Errorf("%d green machines of %s", len(green), app)
			}
			return errors.New("the answer was 41")
		}
		report, err := r.Deploy(context.Background())
		if report.Result != drain.ResultFailed || err == nil || !strings.Contains(err.Error(), "the answer was 41") {
			t.Errorf("%s: %v", report.Result, err)
		}
		s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
	})
}

func TestAFirstReleaseIsMadeOnlyWhereItIsAskedFor(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		r.Apps[0].Dir = s.dir(flyToml)
		report, err := r.Deploy(context.Background())
		if report.Result != drain.ResultFailed || err == nil || !strings.Contains(err.Error(), "-first") {
			t.Errorf("without First: %s: %v", report.Result, err)
		}
		r.First = true
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "worker iad started v2")

		// Said again by mistake, it is refused; a release without it is not.
		again := s.again(r, "v3")
		again.First = true
		s.deploy(drain.ResultFailed, again)
		again.First = false
		s.deploy(drain.ResultDone, again)
		s.wants("my-app", "app iad started v3", "worker iad started v3")
	})
}

func TestAFirstReleaseThatDiedStartsOver(t *testing.T) {
	for _, phase := range phases {
		t.Run(string(phase), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app")
				r.First = true
				s.runUntil(phase, 1200*time.Millisecond, draintest.ErrKilled, r)
				again := s.again(r, "v3")
				again.First = !strings.Contains(s.list("my-app"), "v2\n") && !strings.HasSuffix(s.list("my-app"), "v2")
				s.deploy(drain.ResultDone, again)
				s.wants("my-app", "app iad started v3")
			})
		})
	}
}

// TestMaxDrainingCountsWhatDrainsAndNotWhatAKilledRunLeft has green of a killed release held,
// beside what drains. The drain that the refusal names must help.
func TestMaxDrainingCountsWhatDrainsAndNotWhatAKilledRunLeft(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3")
		s.connect("my-app", "app", "iad", 3, time.Hour)
		s.deploy(drain.ResultDone, background(r))
		s.runUntil(drain.PhaseGate, 0, draintest.ErrKilled, s.again(r, "v3"))
		if held := s.ids("v3"); len(held) != 3 {
			t.Fatalf("left are %v", held)
		}
		next := s.again(r, "v4")
		next.MaxDraining = 2
		report := s.deploy(drain.ResultFailed, next)
		if want := "failed: my-app: nothing was changed; next: deploy -app my-app -drain"; report.String() != want || !strings.Contains(report.Why, "3 machines still drain from earlier releases") {
			t.Errorf("%s: %s", report, report.Why)
		}
		s.ended(drain.ResultDone, next.Drain, s.Context())
		s.deploy(drain.ResultDone, next)
		s.wants("my-app", "app iad started v4", "app iad started v4", "app iad started v4")
	})
}
