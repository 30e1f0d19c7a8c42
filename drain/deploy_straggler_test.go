package drain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// A run was killed when it had made a machine. Its flyctl outlived it and makes
// another, while the next run is at its check: with a list, or, at list 0, between what
// it repairs and the list that the release goes by.
func TestAMachineThatComesLateOfADeadRunIsNotTakenForBlue(t *testing.T) {
	step := 3
	if long() {
		step = 1
	}
	for list := 0; list <= 17; list += step {
		t.Run(fmt.Sprintf("with list %d", list), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				add := func() {
					s.world(func(w *draintest.World) {
						if w.Base == nil {
							w.Baseline()
						}
						id := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v0").ID
						w.Remark(w.Now.UTC().Format("20060102")+"T000000Z-ab12cd/1/3", id)
					})
				}
				add()
				var mu sync.Mutex // commands run side by side
				inner, lists, came := r.Flyctl, 0, false
				r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
					mu.Lock()
					if cmd.Args[0] == "machine" && cmd.Args[1] == "list" {
						lists++
					}
					if now := list > 0 && list == lists || list == 0 && cmd.Args[0] == "config"; now && !came {
						came = true
						add()
					}
					mu.Unlock()
					return inner(ctx, cmd)
				}
				s.deploy(drain.ResultDone, r)
				s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2")
			})
		})
	}
}

// A dead run's machine comes when the next release is done already.
func TestAMachineThatComesAfterTheNextReleaseOfADeadRunIsTakenOut(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		dead := time.Now().UTC().Format("20060102T150405Z") + "-ab12cd/1/3"
		<-time.After(time.Minute)
		s.deploy(drain.ResultDone, r)
		s.world(func(w *draintest.World) {
			id := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v0").ID
			w.Remark(dead, id)
		})
		again := s.again(r, "")
		s.ended(drain.ResultDone, again.Resume, context.Background())
		s.wants("my-app", "app iad started v2", "app iad started v2", "worker iad started v2")
	})
}

// A dead run's flyctl makes all of that run's machines, when the next release is
// done: they are not what to go back to.
func TestAllOfADeadRunThatComesLateIsNoReleaseOfItsOwn(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		dead := time.Now().UTC().Format("20060102T150405Z") + "-ab12cd/1/2"
		<-time.After(time.Minute)
		s.deploy(drain.ResultDone, r)
		s.world(func(w *draintest.World) {
			for _, group := range []string{"app", "worker"} {
				w.Remark(dead, w.AddMachine("my-app", group, "iad", "registry.fly.io/my-app:v0").ID)
			}
		})
		release := s.again(r, "")
		s.ended(drain.ResultDone, release.Resume, context.Background())
		s.wants("my-app", "app iad started v2", "worker iad started v2")
	})
}

// What was held as a dead run's, and is opened again, is a living one's.
func TestWhatSomebodyOpensAgainIsNoDeadRuns(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		other := ""
		s.onCommand(r, drain.PhasePrepare, "machine clone", 1, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine clone", Slow: time.Minute})
				other = w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v0").ID
				w.Remark("19991231T235959Z-ab12cd/1/3", other)
				w.At(w.Now.Add(30*time.Second), draintest.Action{Kind: "uncordon", Machine: other})
			})
		})
		report, err := r.Deploy(context.Background())
		if report.Result != drain.ResultFailed || !errors.Is(err, drain.ErrChanged) || !strings.Contains(err.Error(), other) {
			t.Errorf("%s: %v", report.Result, err)
		}
		s.wants("my-app", "app iad started v0", "app iad started v1", "app iad started v1", "worker iad started v1")
	})
}

// Of a release that is all up and open, the run may be alive: it is left alone.
func TestWhatIsAllUpAndOpenIsNoDeadRuns(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onCommand(r, drain.PhasePrepare, "machine clone", 1, func() {
			s.world(func(w *draintest.World) {
				w.Remark("19991231T235959Z-ab12cd/1/1", w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v0").ID)
			})
		})
		if report, err := r.Deploy(context.Background()); report.Result != drain.ResultFailed || !errors.Is(err, drain.ErrChanged) {
			t.Errorf("%s: %v", report.Result, err)
		}
		s.wants("my-app", "app iad started v0", "app iad started v1", "app iad started v1", "worker iad started v1")
	})
}

// TestWhatIsDeployedAfterAReleaseWhoseClockWasAheadIsNotBlue has a release whose
// mark is of an hour later than its machines.
func TestWhatIsDeployedAfterAReleaseWhoseClockWasAheadIsNotBlue(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "20000101T010000Z-bbbb/1/2", 0, 2, 2, "v2")
		time.Sleep(10 * time.Minute)
		s.world(func(w *draintest.World) {
			w.Do(draintest.Action{Kind: "deploy", App: "my-app", Image: "registry.fly.io/my-app:v3"})
		})
		time.Sleep(time.Minute)
		before := s.list("my-app")
		s.ended(drain.ResultDone, r.Resume, s.Context())
		if after := s.list("my-app"); after != before {
			t.Errorf("it was:\n%s\nand is:\n%s", before, after)
		}
	})
}
