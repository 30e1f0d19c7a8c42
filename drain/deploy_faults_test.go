package drain_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// B3: Fly says of a machine that the list shows that it is not there, or not in a
// state for it.
func TestAnswersThatContradictTheListAreAskedAgain(t *testing.T) {
	for name, f := range map[string]draintest.Fault{
		"cordon, not found":   {Command: "machine cordon", Call: "cordon", Status: 404, Message: "machine not found", Times: 8},
		"a stray one":         {Command: "machine cordon", Call: "cordon", Status: 404, Message: "machine not found", Times: 1, Skip: 3},
		"uncordon, not found": {Command: "machine uncordon", Call: "uncordon", Status: 404, Message: "machine not found", Times: 8},
		"clone, not found":    {Command: "machine clone", Call: "get", Status: 404, Message: "machine not found", Times: 4},
		"start, its state":    {Command: "machine start", Status: 412, Message: "unable to start machine from current state: 'replacing'", Times: 3},
		"stop, its state":     {Command: "machine stop", Status: 412, Times: 100},
		"destroy, its state":  {Command: "machine destroy", Call: "destroy", Status: 412, Message: "failed_precondition: unable to destroy machine, not currently stopped, suspended or failed", Times: 12},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2")
				s.world(func(w *draintest.World) { w.Faults = append(w.Faults, &f) })
				if strings.HasPrefix(name, "start") {
					s.onEvent(r, drain.EventHealthy, func(e drain.Event) {
						s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "crash", Machine: e.Machine}) })
					})
				}
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", "app iad started v2", "app iad started v2")
				if f.Seen == 0 {
					t.Error("it has not happened")
				}
			})
		})
	}
}

// B5: one of blue's hosts is lost, and the release may go on all the same. It gets
// through, and the machine is left and named.
func TestAReleaseBesideALostHostGetsThroughAndNamesItsMachine(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3")
		r.AllowUnreachable = true
		lost := ""
		s.world(func(w *draintest.World) {
			lost = w.Live("my-app")[0].ID
			w.Do(draintest.Action{Kind: "unreachable", Machine: lost})
		})
		report := s.ended(drain.ResultDraining, r.Deploy, s.Context())
		if !strings.Contains(fmt.Sprint(report, report.Why, report.Next), lost) {
			t.Errorf("machine %s is not named: %s, %s", lost, report, report.Why)
		}
	})
}

// B5: one of blue is leased to somebody else. By the list it serves: that it could not
// be cordoned is undone, and nothing else is.
func TestAReleaseWhoseBlueIsLeasedToSomebodyElseIsTakenBack(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3")
		s.onPhase(r, drain.PhaseCutover, func() {
			s.world(func(w *draintest.World) {
				w.Do(draintest.Action{Kind: "lease", Machine: w.Live("my-app")[0].ID, For: 30 * time.Minute})
			})
		})
		s.deploy(drain.ResultFailed, r)
		s.wants("my-app", "app iad started v1", "app iad started v1", "app iad started v1")
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

// The list says nothing of a machine from the start: the release is refused, or, where
// it is allowed, leaves the machine and names it.
func TestAThinRowFromTheStartIsRefusedOrNamed(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		t.Run(fmt.Sprint(allowed), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:3")
				r.AllowUnreachable = allowed
				thin := ""
				s.world(func(w *draintest.World) {
					thin = w.Live("my-app")[0].ID
					w.Machine(thin).Host = "unreachable"
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "no-config", Machine: thin})
				})
				report, err := r.Deploy(s.Context())
				if err == nil || !strings.Contains(err.Error(), thin) {
					t.Errorf("it does not name %s: %s: %v", thin, report, err)
				}
				if serving := strings.Count(s.list("my-app"), "started v2"); serving != map[bool]int{true: 2, false: 0}[allowed] {
					t.Errorf("%s: %v\n%s", report, err, s.list("my-app"))
				}
				if !allowed && (report.Result != drain.ResultFailed || s.changes() > 0) {
					t.Errorf("something was changed: %s", report)
				}
			})
		})
	}
}
