package drain_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

const tellApp = "/app/server drain"

// obedient makes v1 an app that closes all but some of its connections one by one, 2 s
// apart, when it is told; their clients connect again. It returns when they did.
func (s *sim) obedient(r *drain.Release, deaf int) (back *[]time.Time) {
	back = new([]time.Time)
	s.world(func(w *draintest.World) {
		w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{tellApp: {}}}
	})
	fly := s.fly.Runner()
	r.OnDrain = tellApp
	r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		res, err := fly(ctx, cmd)
		if err == nil && len(cmd.Args) > 3 && cmd.Args[1] == "exec" && cmd.Args[3] == tellApp {
			go func() {
				for more := true; more && s.Context().Err() == nil; <-time.After(2 * time.Second) {
					s.world(func(w *draintest.World) {
						if more = w.Open(cmd.Args[2]) > deaf; more {
							w.HangUp(cmd.Args[2], 1)
							w.Connect("my-app", "app", "iad", 1, 0)
							*back = append(*back, w.Now)
						}
					})
				}
			}()
		}
		return res, err
	}
	return back
}

// TestConnectionsThatNeverEndAreMovedOrCutAtTheDeadline has machines with 10 connections each. Of these, 7
// connect again when the app asks them to, and 3 would stay for ever.
func TestConnectionsThatNeverEndAreMovedOrCutAtTheDeadline(t *testing.T) {
	n, deadline, life := 4, 30*time.Minute, 10*time.Minute
	if long() {
		n, deadline, life = 10, 2*time.Hour, 20*time.Minute
	}
	for name, lasts := range map[string]time.Duration{"in one run": 0, "killed again and again": life} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", fmt.Sprintf("app=iad:%d", n))
				r.Deadline, r.AtDeadline = deadline, drain.StopMachine
				s.world(func(w *draintest.World) { w.CutsAllowed = true })
				s.connect("my-app", "app", "iad", 10*n, 0)
				back := s.obedient(r, 3)
				report, runs := drain.Report{}, 0
				for operation := (drain.Release).Deploy; report.Result != drain.ResultDone && runs < 20; operation = (drain.Release).Drain {
					ctx, cancel := context.WithCancel(s.Context())
					if lasts > 0 {
						ctx, cancel = context.WithTimeoutCause(s.Context(), lasts, draintest.ErrKilled)
					}
					report, _ = operation(*r, ctx)
					cancel()
					runs++
				}
				if report.Result != drain.ResultDone || lasts > 0 && runs <= int(deadline/lasts) {
					t.Fatalf("after %d runs: %v", runs, report)
				}
				if told := s.of(drain.EventWarning); len(told) > 0 {
					t.Errorf("warnings: %v", told)
				}
				out := map[string]time.Time{} // since when each is out of traffic
				for _, e := range s.of(drain.EventCordoned) {
					out[e.Machine] = e.Time
				}
				s.world(func(w *draintest.World) {
					if len(*back) != 7*n || len(w.Account.Cuts) != 3*n {
						t.Fatalf("%d clients connected again, and %d connections were cut", len(*back), len(w.Account.Cuts))
					}
					late := deadline // and as long as a release may take
					if lasts > 0 {
						late += 30 * time.Minute
					}
					var stopped time.Time
					for i, c := range w.Account.Cuts {
						if open := c.At.Sub(out[c.Machine]); open < deadline-time.Second || open > late+5*time.Minute {
							t.Errorf("a connection of %s was cut %v after its cordon", c.Machine, open)
						}
						if i%3 == 0 && c.At.Sub(stopped) < 10*time.Second || i%3 > 0 && c.At != stopped {
							t.Errorf("%s was stopped %v after another machine", c.Machine, c.At.Sub(stopped))
						}
						stopped = c.At
					}
					w.Account.Cut = 0
				})
				slices.SortFunc(*back, time.Time.Compare)
				for i := n; i < len(*back); i++ {
					if gap := (*back)[i].Sub((*back)[i-n]); gap < time.Second {
						t.Errorf("%d clients connected again in %v", n+1, gap)
					}
				}
			})
		})
	}
}

func TestADrainCommandThatFailsIsAWarning(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.OnDrain = "/app/server drain"
		s.connect("my-app", "app", "iad", 4, time.Hour)
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
		told := map[string]int{}
		for _, e := range s.of(drain.EventWarning) {
			if !strings.Contains(e.Why, "the drain command failed, and machine ") || !strings.Contains(e.Why, "ended with exit code 127") {
				t.Errorf("%+v", e)
			}
			told[e.Why]++
		}
		s.world(func(w *draintest.World) {
			for _, line := range w.Lines("machine exec") {
				if strings.Contains(line, "/app/server drain") {
					told["run"]++
				}
			}
		})
		if len(told) != 3 || told["run"] != 2 { // and none in the worker, which is idle at once
			t.Errorf("%v", told)
		}
	})
}
