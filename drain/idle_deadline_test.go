package drain_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

func TestAtItsDeadlineAMachineIsKept(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.Deadline = time.Hour
		s.connect("my-app", "app", "iad", 2, 30*time.Hour) // one on each
		s.connect("my-app", "app", "iad", 2, 10*time.Minute)
		begun := time.Now()
		report := s.deploy(drain.ResultDraining, r)
		if took := time.Since(begun); took < time.Hour || took > time.Hour+2*time.Minute {
			t.Errorf("it took %v", took)
		}
		if a := report.Apps[0]; len(a.Draining) != 3 || a.Cut != 0 { // with the worker
			t.Errorf("%+v", a)
		}
		for _, e := range s.of(drain.EventDeadline) {
			if e.Reading.String() != "1 connection" || e.Took < time.Hour || e.Took > time.Hour+10*time.Second || e.Why != "" {
				t.Errorf("%+v", e)
			}
		}
		if n := len(s.of(drain.EventDeadline)); n != 2 {
			t.Errorf("told of %d deadlines", n)
		}
	})
}

// TestADeadlineCountsFromTheEndOfTheBakeTime has a connection that ends after the
// deadline of a machine that had not been kept for a rollback.
func TestADeadlineCountsFromTheEndOfTheBakeTime(t *testing.T) {
	for name, c := range map[string]struct {
		lasts time.Duration
		want  drain.Result
	}{
		"it ends before that": {2*time.Hour + 50*time.Minute, drain.ResultDone},
		"it ends after that":  {3*time.Hour + 10*time.Minute, drain.ResultDraining},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Bake, r.Deadline = 2*time.Hour, time.Hour
				s.connect("my-app", "app", "iad", 1, c.lasts)
				s.deploy(c.want, r)
				for _, e := range s.of(drain.EventDeadline) {
					if e.Took < time.Hour || e.Took > time.Hour+10*time.Second {
						t.Errorf("%+v", e)
					}
				}
			})
		})
	}
}

// TestADeadlineHoldsOverRuns has a machine that was cordoned by an earlier run: the
// list shows that it was long ago. After a rollback it does not.
func TestADeadlineHoldsOverRuns(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1")
		r.Deadline = 15 * time.Minute
		s.connect("my-app", "app", "iad", 1, 9*time.Hour)
		s.deploy(drain.ResultDraining, r)
		runs := func(operation func(drain.Release, context.Context) (drain.Report, error), least, most time.Duration) {
			t.Helper()
			later := s.again(r, "")
			later.Deadline = 15 * time.Minute
			begun := time.Now()
			s.ended(drain.ResultDraining, func(ctx context.Context) (drain.Report, error) { return operation(*later, ctx) }, s.Context())
			if took := time.Since(begun); took < least || took > most {
				t.Errorf("it took %v", took)
			}
		}
		runs(drain.Release.Drain, 15*time.Minute, 17*time.Minute) // a release may take 21 minutes
		<-time.After(time.Hour)
		runs(drain.Release.Drain, 10*time.Second, 15*time.Second) // it looks, at least
		s.connect("my-app", "app", "iad", 1, 9*time.Hour)
		s.ended(drain.ResultDone, background(s.again(r, "")).Rollback, s.Context())
		<-time.After(time.Hour)
		runs(drain.Release.Resume, 15*time.Minute, 17*time.Minute)
	})
}

func TestADeadlineThatIsOverIsNotBegunAgainByALaterRelease(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1")
		s.connect("my-app", "app", "iad", 1, 9*time.Hour)
		s.deploy(drain.ResultDone, background(r))
		s.connect("my-app", "app", "iad", 1, 9*time.Hour)
		<-time.After(time.Hour)
		v3 := s.again(r, "v3")
		v3.Deadline = 15 * time.Minute
		s.events = nil
		s.deploy(drain.ResultDraining, v3)
		over := s.of(drain.EventDeadline)
		if len(over) != 2 || over[0].Machine != "17810000000001" || over[1].Time.Sub(over[0].Time) < 14*time.Minute {
			t.Errorf("deadlines: %v", over)
		}
	})
}

// TestAResumedDrainKeepsTheSettleTime ends a run just after its cordon; the next
// one does not know when that was.
func TestAResumedDrainKeepsTheSettleTime(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		r.Background = true
		s.deploy(drain.ResultDone, r)
		later := s.again(r, "")
		s.after(5*time.Second, func() { s.world(func(w *draintest.World) { w.Propagation = 5 * time.Second }) })
		begun := time.Now()
		s.ended(drain.ResultDone, later.Drain, s.Context())
		for _, e := range s.of(drain.EventIdle) {
			if e.Group == "app" && e.Time.Sub(begun) < 10*time.Second {
				t.Errorf("idle after %v", e.Time.Sub(begun))
			}
		}
	})
}

func TestAtItsDeadlineAMachineIsStopped(t *testing.T) {
	for name, c := range map[string]struct {
		noCat bool
		delay time.Duration // of the app's exit, after its signal
		says  string
	}{
		"and what that cuts is told":               {false, 4 * time.Second, "stopping it; this cuts 3 connections"},
		"and what that cuts is told to be unknown": {true, 0, "stopping it; the number of connections cut is unknown (no cat in the image"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Deadline, r.AtDeadline = time.Hour, drain.StopMachine
				s.connect("my-app", "app", "iad", 3, 30*time.Hour)
				s.world(func(w *draintest.World) {
					w.CutsAllowed, w.Apps["my-app"].ExitDelay = true, c.delay
					w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{NoCat: c.noCat}
				})
				begun := time.Now()
				report := s.deploy(drain.ResultDone, r)
				if took := time.Since(begun); took < time.Hour || took > time.Hour+2*time.Minute {
					t.Errorf("it took %v", took)
				}
				a := report.Apps[0]
				if len(a.Destroyed) != 2 || !c.noCat && (a.Cut != 3 || len(a.CutUnknown) > 0) || c.noCat && (a.Cut != 0 || len(a.CutUnknown) != 1) {
					t.Errorf("%+v", a)
				}
				told := s.of(drain.EventDeadline)
				if len(told) != 1 || !strings.HasPrefix(told[0].Why, c.says) {
					t.Errorf("told %v", told)
				}
				s.world(func(w *draintest.World) {
					if w.Account.Cut != 3 {
						t.Errorf("%v", w.Account)
					}
					w.Account.Cut = 0
					stops := strings.Join(w.Lines("machine stop"), "\n")
					if strings.Contains(stops, "SIGKILL") || len(w.Lines("machine destroy --force")) > 0 {
						t.Errorf("not the app's own signal:\n%s", stops)
					}
				})
			})
		})
	}
}

// TestADeadlineIsEachMachinesOwn has one machine cordoned half an hour after another.
func TestADeadlineIsEachMachinesOwn(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:3")
		r.Deadline = time.Hour
		var ids []string
		s.world(func(w *draintest.World) {
			w.Allow = []string{"S1"} // nothing takes their place
			for _, m := range w.Live("my-app") {
				ids = append(ids, m.ID)
			}
		})
		s.connect("my-app", "app", "iad", 3, 30*time.Hour)
		steps := r.Steps(s.Context())
		if err := run(steps.Cordon, ids[0]); err != nil {
			t.Fatal(err)
		}
		<-time.After(30 * time.Minute)
		if err := run(steps.Cordon, ids[1]); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		errs := make([]error, 2)
		var waits sync.WaitGroup
		for i := range errs { // a pipe each, as the first error ends a pipe
			waits.Go(func() { errs[i] = run(steps.AwaitIdle, ids[i]) })
		}
		waits.Wait()
		if n := len(s.of(drain.EventDeadline)); !errors.Is(errs[0], drain.ErrNotIdle) || !errors.Is(errs[1], drain.ErrNotIdle) || n != 2 {
			t.Errorf("%v; told of %d deadlines", errs, n)
		}
		for i, e := range s.of(drain.EventDeadline) {
			want := time.Duration(i+1) * 30 * time.Minute
			if took := e.Time.Sub(begun); took < want-5*time.Second || took > want+10*time.Second || e.Machine != ids[i] {
				t.Errorf("%s after %v, want %s after %v", e.Machine, took, ids[i], want)
			}
		}
	})
}

// TestADeadlineOfNoneHasPassedAtTheFirstLook keeps a machine that is not idle then.
func TestADeadlineOfNoneHasPassedAtTheFirstLook(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(2, func(i int) time.Duration { return time.Duration(i) * time.Hour }) // the first is idle
		r.Deadline = drain.None
		ids := s.ids("v1")
		steps := r.Steps(s.Context())
		begun := time.Now()
		if err := run(steps.AwaitIdle, ids[1]); !errors.Is(err, drain.ErrNotIdle) || time.Since(begun) > 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}
