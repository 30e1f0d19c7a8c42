package drain_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestARollbackPassesAReleaseThatIsNotWhole has three releases that drain: the one before is not
// whole any more, and its workers are of no account.
func TestARollbackPassesAReleaseThatIsNotWhole(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		for _, tag := range []string{"v2", "v3", "v4"} {
			s.deploy(drain.ResultDone, background(s.again(r, tag)))
			s.connect("my-app", "app", "iad", 4, time.Hour)
		}
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if m.Config.Image == "registry.fly.io/my-app:v3" && m.Group() == "app" {
					w.HangUp(m.ID, 9)
					w.Do(draintest.Action{Kind: "destroy", Machine: m.ID})
					return
				}
			}
		})
		s.ended(drain.ResultDone, s.again(r, "").Rollback, s.Context())
		s.wants("my-app", v2...)
	})
}

// TestAStoppedWorkerIsStartedByARollbackElseGoesWithTheLastMachine has machines with connections drain beside a worker,
// which is stopped at once.
func TestAStoppedWorkerIsStartedByARollbackElseGoesWithTheLastMachine(t *testing.T) {
	for name, back := range map[string]bool{"that stopped with the cutover": true, "and without one they go with the last machine": false} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				s.connect("my-app", "app", "iad", 2, time.Hour)
				ctx, cancel := context.WithTimeout(s.Context(), 20*time.Minute)
				defer cancel()
				s.ended(drain.ResultDraining, r.Deploy, ctx)
				s.wants("my-app", append(v2, "app iad started v1 cordoned", "app iad started v1 cordoned", "worker iad stopped v1 cordoned")...)
				if back {
					s.ended(drain.ResultDone, s.again(r, "").Rollback, s.Context())
					s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
					return
				}
				late := s.again(r, "")
				late.Deadline = time.Minute
				report := s.ended(drain.ResultDraining, late.Drain, s.Context())
				if !strings.Contains(report.Why, "worker 17810000000003 of my-app is stopped, and kept as long as machines of its release are") {
					t.Error(report.Why)
				}
				s.ended(drain.ResultDone, s.again(r, "").Drain, s.Context())
				s.wants("my-app", v2...)
			})
		})
	}
}

func TestARollbackOfAReleaseThatBroughtANewGroupRemovesTheGroup(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.deploy(drain.ResultDone, r) // so that a mark tells what there was
		s.connect("my-app", "app", "iad", 4, time.Hour)
		next := s.again(r, "v3")
		next.Apps[0].Dir = s.dir(flyToml)
		s.deploy(drain.ResultDone, background(next))
		s.wants("my-app", "app iad started v2 cordoned", "app iad started v2 cordoned", "app iad started v3", "app iad started v3", "worker iad started v3")
		back := s.again(r, "")
		s.ended(drain.ResultDone, back.Rollback, context.Background())
		s.wants("my-app", "app iad started v2", "app iad started v2")
	})
}

func TestARollbackServesTheReleaseBeforeAgain(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.three()
		s.deploy(drain.ResultDone, background(r))
		for _, a := range r.Apps {
			s.connect(a.Name, "app", "iad", 4, 10*time.Minute)
		}
		back := s.again(r, "")
		s.ended(drain.ResultDone, back.Rollback, context.Background())
		for _, a := range r.Apps {
			s.wants(a.Name, "app iad started v1", "app iad started v1", "app lhr started v1", "worker iad started v1")
			s.world(func(w *draintest.World) {
				entries := 0
				for _, line := range w.Lines("deploy") {
					if strings.Contains(line, "--app "+a.Name+" ") && strings.Contains(line, "--update-only") && strings.Contains(line, ":v1") {
						entries++
					}
				}
				if entries != 1 {
					t.Errorf("%d release entries of %s with the old image", entries, a.Name)
				}
			})
		}
		changes := s.changes()
		report, err := back.Rollback(context.Background())
		if report.Result == drain.ResultDone || err == nil || s.changes() != changes {
			t.Errorf("again: %s: %v", report.Result, err)
		}
	})
}

func TestARollbackDoesNothingWhereItIsNotSure(t *testing.T) {
	for name, prepare := range map[string]func(s *sim, r *drain.Release){
		"nothing drains": func(s *sim, r *drain.Release) { s.deploy(drain.ResultDone, r) },
		"blue is not whole": func(s *sim, r *drain.Release) {
			s.deploy(drain.ResultDone, background(r))
			s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "destroy", Machine: w.Live("my-app")[0].ID}) })
		},
		"blue is not whole, and green of a killed release is held": func(s *sim, r *drain.Release) {
			s.deploy(drain.ResultDone, background(r))
			s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "destroy", Machine: w.Live("my-app")[0].ID}) })
			s.runUntil(drain.PhaseGate, 0, draintest.ErrKilled, s.again(r, "v3"))
		},
		"its app had a companion": func(s *sim, r *drain.Release) {
			other := s.app("other-app", "app=iad:1", "worker=iad:1")
			s.deploy(drain.ResultDone, background(together(r, other)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				prepare(s, r)
				before, changes := s.list("my-app"), s.changes()
				release := s.again(r, "")
				report, err := release.Rollback(context.Background())
				if err == nil || report.Result != drain.ResultFailed || s.changes() != changes || s.list("my-app") != before {
					t.Errorf("%s: %v\n%s", report.Result, err, s.list("my-app"))
				}
				want := "failed: my-app: nothing was changed"
				if name != "nothing drains" {
					want += "; next: deploy -app my-app -image registry.fly.io/my-app:v1"
				}
				if got := report.String(); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}

func TestBakeKeepsBlueWholeForARollback(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		ctx, cancel := context.WithCancel(context.Background())
		s.onPhase(r, drain.PhaseDrain, func() { time.AfterFunc(50*time.Minute, cancel) })
		r.Bake = time.Hour
		s.ended(drain.ResultDraining, r.Deploy, ctx)
		baking := func(e drain.Event) bool {
			return e.Phase == "" && strings.HasPrefix(e.Why, "keep all of blue") && e.Until.After(time.Now())
		}
		if told := s.of(drain.EventWaiting); !slices.ContainsFunc(told, baking) {
			t.Errorf("it told of the waits: %+v", told)
		}
		back := s.again(r, "")
		s.ended(drain.ResultDone, back.Rollback, context.Background())
		s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
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

// TestARollbackPassesWhatNeverServedAndWhatWasRolledBack has both between the release that
// serves and the one before it.
func TestARollbackPassesWhatNeverServedAndWhatWasRolledBack(t *testing.T) {
	for name, v3 := range map[string]func(*sim, *drain.Release){
		"interrupted in its check": func(s *sim, r *drain.Release) {
			ctx, cancel := context.WithCancel(s.Context())
			r.Check = func(context.Context, string, []flyctl.Machine) error { cancel(); return ctx.Err() }
			s.ended(drain.ResultLeft, r.Deploy, ctx)
		},
		"rolled back": func(s *sim, r *drain.Release) {
			s.deploy(drain.ResultDone, background(r))
			s.connect("my-app", "app", "iad", 4, 9*time.Hour)
			s.ended(drain.ResultDone, background(s.again(r, "")).Rollback, s.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2")
				s.deploy(drain.ResultDone, r)
				v3(s, s.again(r, "v3"))
				s.connect("my-app", "app", "iad", 4, time.Hour)
				s.deploy(drain.ResultDone, background(s.again(r, "v4")))
				s.ended(drain.ResultDone, background(s.again(r, "")).Rollback, s.Context())
				for _, m := range strings.Split(s.list("my-app"), "\n") {
					if strings.Contains(m, "v2") == strings.Contains(m, "cordoned") {
						t.Errorf("not v2 alone serves: %s", m)
					}
				}
			})
		})
	}
}
