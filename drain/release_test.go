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

// deploy releases apps, wants that result, and returns the report.
func (s *sim) deploy(want drain.Result, r *drain.Release) drain.Report {
	s.Helper()
	return s.ended(want, r.Deploy, context.Background())
}

func (s *sim) ended(want drain.Result, do func(context.Context) (drain.Report, error), ctx context.Context) drain.Report {
	s.Helper()
	report, err := do(ctx)
	if report.Result != want || (err == nil) != (want == drain.ResultDone) {
		s.Errorf("result %s, want %s: %v", report.Result, want, err)
	}
	if err != nil {
		s.Logf("%v", err)
	}
	return report
}

// wants wants the app to consist of these machines, in any order.
func (s *sim) wants(app string, rows ...string) {
	s.Helper()
	want := map[string]int{}
	for _, row := range rows {
		want[row]++
	}
	for row := range strings.Lines(s.list(app)) {
		want[strings.TrimSpace(row)]--
	}
	for row, n := range want {
		if n != 0 {
			s.Errorf("%s: %d too few (or, negative, too many) of %q in:\n%s", app, n, row, s.list(app))
		}
	}
}

func TestOneApp(t *testing.T) {
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
	if long {
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

func TestOnTopOfTwoGenerationsThatStillDrain(t *testing.T) {
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

func TestGreenThatFailsLeavesAndBlueIsNotTouched(t *testing.T) {
	for name, c := range map[string]struct {
		image draintest.Image
		fault draintest.Fault
		want  drain.Result
		says  string
	}{
		"its checks never pass":         {image: draintest.Image{Unhealthy: true}, want: drain.ResultFailed, says: "check"},
		"it crashes":                    {image: draintest.Image{Crash: true}, want: drain.ResultFailed, says: "stay up"},
		"the image is not there":        {image: draintest.Image{Missing: true}, want: drain.ResultFailed, says: "image"},
		"the release command fails":     {image: draintest.Image{ReleaseFails: true}, want: drain.ResultFailed, says: "release command"},
		"clones are refused":            {fault: draintest.Fault{Command: "machine clone", Status: 422, Message: "no capacity"}, want: drain.ResultFailed, says: "no capacity"},
		"the deploy is refused":         {fault: draintest.Fault{Command: "deploy", Status: 422, Message: "quota"}, want: drain.ResultFailed, says: "quota"},
		"the deploy fails again, again": {fault: draintest.Fault{Command: "deploy", Status: 500, Message: "internal server error"}, want: drain.ResultFailed, says: "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
				if c.image.ReleaseFails {
					r.Apps[0].Dir = s.dir(flyToml + "\n[deploy]\nrelease_command = \"migrate\"\n")
				}
				s.connect("my-app", "app", "iad", 4, 20*time.Hour)
				s.world(func(w *draintest.World) {
					w.Images[r.Apps[0].Image] = &c.image
					if c.fault.Command != "" {
						w.Faults = append(w.Faults, &c.fault)
					}
				})
				report, err := r.Deploy(context.Background())
				if report.Result != c.want || err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", report.Result, err)
				}
				s.wants("my-app", "app iad started v1", "app iad started v1", "app lhr started v1", "worker iad started v1")
				s.world(func(w *draintest.World) {
					for _, line := range append(w.Lines("machine cordon"), w.Lines("machine uncordon")...) {
						for _, id := range report.Apps[0].Blue {
							if strings.Contains(line, id) {
								t.Errorf("blue was touched: %s", line)
							}
						}
					}
				})
			})
		})
	}
}

func TestFaultsThatPassDoNotFailTheRelease(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]draintest.Fault{
		"a clone that was made and refused":      {Command: "machine clone", Status: 500, Message: "internal server error", AfterEffect: true, Times: 1},
		"a clone that flyctl made twice":         {Command: "machine clone", Status: 503, AfterEffect: true, Times: 1},
		"a deploy that made one of two groups":   {Command: "deploy", Call: "create", Status: 500, Message: "internal server error", Skip: 1, Times: 1},
		"a deploy that was made and refused":     {Command: "deploy", Call: "create", Status: 500, Message: "internal server error", AfterEffect: true, Times: 1},
		"a deploy that flyctl made twice":        {Command: "deploy", Call: "create", Status: 502, AfterEffect: true, Times: 1},
		"a deploy that could not list":           {Command: "deploy", Call: "list", Status: 429, Message: "rate limit exceeded", Times: 1},
		"lists that fail":                        {Command: "machine list", Status: 500, Message: "internal server error", Skip: 2, Times: 3},
		"lists that are cut off":                 {Command: "machine list", Cut: true, Keep: 300, Skip: 2, Times: 2},
		"an empty list":                          {Command: "machine list", View: "empty", Skip: 3, Times: 2},
		"a list without a region":                {Command: "machine list", View: "short", Region: "lhr", Skip: 3, Times: 3},
		"lists that lag":                         {Command: "machine list", View: "stale", Age: 2 * time.Second, Skip: 2},
		"cordons that are refused":               {Command: "machine cordon", Status: 500, Message: "internal server error", Times: 5},
		"uncordons that are refused":             {Command: "machine uncordon", Status: 429, Message: "rate limit exceeded", Times: 5},
		"stops that are refused":                 {Command: "machine stop", Status: 503, Times: 9},
		"destroys that are made and refused":     {Command: "machine destroy", Status: 500, Message: "internal server error", AfterEffect: true, Times: 2},
		"execs that fail every now and then":     {Command: "machine exec", Status: 500, Message: "internal server error", Skip: 1, Times: 7},
		"a cordon that is slow":                  {Command: "machine cordon", Slow: 20 * time.Second, Times: 1},
		"a list that hangs":                      {Command: "machine list", Hang: true, Skip: 4, Times: 1},
		"a cordon that hangs":                    {Command: "machine cordon", Hang: true, Skip: 1, Times: 1},
		"a clone that hangs":                     {Command: "machine clone", Hang: true, Times: 1},
		"an exec that hangs":                     {Command: "machine exec", Hang: true, Times: 2},
		"an exit code that means nothing (list)": {Command: "machine list", Exit: 1, Skip: 4, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:2", "worker=iad:1")
				s.connect("my-app", "app", "iad", 4, 2*time.Minute)
				s.world(func(w *draintest.World) { w.Faults = append(w.Faults, &f) })
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", "app iad started v2", "app iad started v2", "app lhr started v2", "app lhr started v2", "worker iad started v2")
			})
		})
	}
}

func TestTheReleasesOwnCheckCanRefuse(t *testing.T) {
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

func TestSomebodyElsesChangeStopsTheCutoverAndUndoesIt(t *testing.T) {
	for kind, phase := range map[string]drain.Phase{"deploy": drain.PhaseGate, "destroy": drain.PhasePrepare, "cordon": drain.PhaseGate} {
		t.Run(kind, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:3", "worker=iad:1")
				s.connect("my-app", "app", "iad", 3, 10*time.Minute)
				s.onPhase(r, phase, func() {
					s.world(func(w *draintest.World) {
						w.Do(draintest.Action{Kind: kind, App: "my-app", Group: "app", Blue: true, Image: "registry.fly.io/my-app:v9"})
						w.Account = draintest.Account{} // what somebody else cuts is not ours
					})
				})
				s.deploy(drain.ResultFailed, r)
				if strings.Contains(s.list("my-app"), "v2") {
					t.Errorf("green is left:\n%s", s.list("my-app"))
				}
			})
		})
	}
}

// onPhase does something once when a phase begins.
func (s *sim) onPhase(r *drain.Release, phase drain.Phase, do func()) {
	listen, done := r.Events, false
	r.Events = func(e drain.Event) {
		listen(e)
		if e.Kind == drain.EventPhaseBegun && e.Phase == phase && !done {
			done = true
			do()
		}
	}
}
