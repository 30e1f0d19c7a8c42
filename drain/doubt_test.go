package drain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestAMachineThatIsBeingDestroyedIsDoubtedNoLonger has a list begun when a machine
// has gone, and flyctl has yet to say so: it is doubted until flyctl does.
func TestAMachineThatIsBeingDestroyedIsDoubtedNoLonger(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(2, func(i int) time.Duration { return time.Duration(i) * 12 * time.Second })
		s.world(func(w *draintest.World) {
			w.HangUp(w.Live("my-app")[0].ID, 1)
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine destroy", Slow: 5 * time.Second, AfterEffect: true, Times: 1})
		})
		begun := time.Now()
		s.ended(drain.ResultDone, r.Drain, s.Context())
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("two machines went in %v", took)
		}
	})
}

// TestWhatNoListHasShownIsNotDestroyed has a first list that lacks machines: what
// flyctl would destroy by its id may be stopped, and anybody's, or in service.
func TestWhatNoListHasShownIsNotDestroyed(t *testing.T) {
	for _, view := range []string{"empty", "short"} {
		t.Run(view, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1")
				var ids []string
				s.world(func(w *draintest.World) {
					cron := w.AddMachine("my-app", "", "lhr", "registry.fly.io/cron:v1")
					cron.Config.Metadata, cron.State = nil, "stopped"
					for _, m := range w.Live("my-app") {
						if m.Region == "lhr" {
							w.Do(draintest.Action{Kind: "autostop", Machine: m.ID})
							ids = append(ids, m.ID)
						}
					}
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: view, Region: "lhr", Times: 3})
				})
				steps := r.Steps(s.Context())
				if err := run(steps.Destroy, ids...); err != nil {
					t.Log(err)
				}
				s.world(func(w *draintest.World) {
					if lines := w.Lines("machine destroy"); len(lines) > 0 || len(ids) != 2 {
						t.Errorf("%v: %q", ids, lines)
					}
				})
			})
		})
	}
}

// TestACordonDoubtsAListThatLacksItsMachine has lists that lack it for a while, or
// all machines for ever: what is not listed would be left out as gone.
func TestACordonDoubtsAListThatLacksItsMachine(t *testing.T) {
	for view, times := range map[string]int{"short": 5, "empty": 0} {
		t.Run(view, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // by the cordon of one of two
				r := s.app("my-app", "app=iad:2,lhr:2")
				steps := r.Steps(s.Context())
				ids, err := steps.Machines().Slice()
				if err != nil {
					t.Fatal(err)
				}
				far := ""
				s.world(func(w *draintest.World) {
					for _, id := range ids {
						if w.Machine(id).Region == "lhr" {
							far = id
						}
					}
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: view, Region: "lhr", Times: times})
				})
				err = run(steps.Cordon, far)
				s.world(func(w *draintest.World) {
					if m := w.Machine(far); (err == nil) != m.Cordoned || m.Cordoned != (view == "short") {
						t.Errorf("cordoned is %v, and the error: %v", m.Cordoned, err)
					}
				})
			})
		})
	}
}

// B3: Fly says of a machine that the list shows that it is not there, or not in a
// state for it.
func TestAnswersThatContradictTheListAreAskedAgain(t *testing.T) {
	for name, f := range map[string]draintest.Fault{
		"cordon, not found":   {Command: "machine cordon", Call: "cordon", Status: 404, Message: "machine not found", Times: 8},
		"a stray one":         {Command: "machine cordon", Call: "cordon", Status: 404, Message: "machine not found", Times: 1, Skip: 3},
		"uncordon, not found": {Command: "machine uncordon", Call: "uncordon", Status: 404, Message: "machine not found", Times: 8},
		"clone, not found":    {Command: "machine clone", Call: "get", Status: 404, Message: "machine not found", Times: 4},
		"start, its state":    {Command: "machine start", Status: 412, Message: "unable to start machine from current state: 'replacing'", Times: 3},
		"stop, its state":     {Command: "machine stop", Status: 412, Times: 12},
		"destroy, its state":  {Command: "machine destroy", Call: "destroy", Status: 412, Times: 12},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2")
				s.world(func(w *draintest.World) { w.Faults = append(w.Faults, &f) })
				if strings.HasPrefix(name, "start") {
					onEvent(r, drain.EventHealthy, func(e drain.Event) {
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
