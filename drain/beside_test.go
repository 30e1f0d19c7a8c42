package drain_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// onCommand does something once, just before flyctl is run for the nth time with
// a command while a phase is under way.
func (s *sim) onCommand(r *drain.Release, phase drain.Phase, command string, nth int, do func()) {
	var mu sync.Mutex
	now, n := drain.Phase(""), 0
	listen, inner := r.Events, r.Flyctl
	r.Events = func(e drain.Event) {
		listen(e)
		if e.Kind == drain.EventPhaseBegun {
			mu.Lock()
			now = e.Phase
			mu.Unlock()
		}
	}
	r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		mu.Lock()
		hit := false
		if now == phase && strings.HasPrefix(strings.Join(cmd.Args, " "), command) {
			n++
			hit = n == nth
		}
		mu.Unlock()
		if hit {
			do()
		}
		return inner(ctx, cmd)
	}
}

// TestARunThatBeginsBesideAnotherWaitsForItsEnd has what looks half done, or left
// behind, and is not: to take it back would leave nothing that takes traffic.
func TestARunThatBeginsBesideAnotherWaitsForItsEnd(t *testing.T) {
	for _, moment := range []struct {
		phase   drain.Phase
		command string
		nth     int
	}{
		{drain.PhasePrepare, "machine cordon", 1}, {drain.PhaseGate, "machine list", 1}, {drain.PhaseGate, "machine list", 6},
		{drain.PhaseCutover, "machine uncordon", 1}, {drain.PhaseCutover, "machine list", 3},
		{drain.PhaseCutover, "machine cordon", 1}, {drain.PhaseCutover, "machine cordon", 2},
	} {
		for _, what := range []string{"deploy", "resume", "drain"} {
			t.Run(fmt.Sprintf("%s at %s, %s %d", what, moment.phase, moment.command, moment.nth), func(t *testing.T) {
				simulate(t, func(s *sim) {
					r := s.app("my-app", "app=iad:1,lhr:1", "worker=iad:1")
					s.world(func(w *draintest.World) { w.LimitsOff = true }) // else who gets the next list is chance
					second := s.again(r, "v3")
					done := make(chan drain.Result)
					s.onCommand(r, moment.phase, moment.command, moment.nth, func() {
						go func() {
							do := map[string]func(context.Context) (drain.Report, error){"deploy": second.Deploy, "drain": second.Drain, "resume": second.Resume}[what]
							report, _ := do(context.Background())
							done <- report.Result
						}()
					})
					report, err := r.Deploy(context.Background())
					if what != "deploy" && report.Result != drain.ResultDone {
						t.Errorf("%s: %v", report.Result, err)
					}
					if result := <-done; result != drain.ResultDone {
						t.Errorf("the second run: %s", result)
					}
					image := "v2"
					if what == "deploy" {
						image = "v3"
					}
					s.wants("my-app", "app iad started "+image, "app lhr started "+image, "worker iad started "+image)
				})
			})
		}
	}
}

// TestAReleaseThatIsSlowerThanAnotherLeavesItsGreen has a second release that is
// still at its making, and sees nothing, while the first changes over: what then
// looks late to it is what serves.
func TestAReleaseThatIsSlowerThanAnotherLeavesItsGreen(t *testing.T) {
	for _, blind := range []time.Duration{15 * time.Second, 25 * time.Second, 30 * time.Second, 40 * time.Second} {
		t.Run(blind.String(), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1,lhr:1", "worker=iad:1")
				later := s.again(r, "v3")
				inner, begun := later.Flyctl, time.Now()
				later.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
					if at := time.Since(begun); at > 3*time.Second && at < blind {
						<-time.After(blind - at)
					}
					return inner(ctx, cmd)
				}
				second, done := later, make(chan struct{})
				go func() {
					<-time.After(100 * time.Millisecond)
					report, err := second.Deploy(context.Background())
					t.Logf("second: %s: %v", report.Result, err)
					close(done)
				}()
				report, err := r.Deploy(context.Background())
				t.Logf("first: %s: %v", report.Result, err)
				<-done
				last := s.again(r, "v4")
				s.ended(drain.ResultDone, last.Deploy, context.Background())
				s.wants("my-app", "app iad started v4", "app lhr started v4", "worker iad started v4")
			})
		})
	}
}

// TestAResumeThatBeganBeforeAReleaseLeavesItsGreen has a resume that sees nothing
// to put right, and next looks when green is made and held.
func TestAResumeThatBeganBeforeAReleaseLeavesItsGreen(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1,lhr:1", "worker=iad:1")
		made := make(chan struct{})
		s.onPhase(r, drain.PhaseGate, func() { close(made) })
		early := s.again(r, "")
		var drains atomic.Bool
		s.onPhase(early, drain.PhaseDrain, func() { drains.Store(true) })
		inner := early.Flyctl
		early.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			if drains.Load() {
				<-made
			}
			return inner(ctx, cmd)
		}
		resumed := make(chan drain.Result)
		go func() {
			report, _ := early.Resume(context.Background())
			resumed <- report.Result
		}()
		<-time.After(5 * time.Second)
		s.deploy(drain.ResultDone, r)
		if result := <-resumed; result != drain.ResultDone {
			t.Errorf("the resume: %s", result)
		}
		s.world(func(w *draintest.World) {
			if stops := w.Lines("machine stop"); len(stops) != 3 {
				t.Errorf("not only blue was stopped: %q", stops)
			}
		})
	})
}

// TestARunThatFindsAnotherAlwaysAtWorkIsRefused has somebody who opens and closes
// a machine of a release again and again.
func TestARunThatFindsAnotherAlwaysAtWorkIsRefused(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 2, 2, "v1")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 2, 2, "v2")
		<-time.After(12 * time.Minute)
		s.world(func(w *draintest.World) {
			for i := range 100 {
				kind := []string{"cordon", "uncordon"}[i%2]
				w.At(w.Now.Add(time.Duration(i)*20*time.Second), draintest.Action{Kind: kind, Machine: s.newest(w)})
			}
		})
		changes := s.changes()
		report, err := r.Resume(context.Background())
		if err == nil || !strings.Contains(err.Error(), "another run keeps changing these apps") || s.changes() != changes {
			t.Errorf("%s: %v", report.Result, err)
		}
	})
}

// newest is the id of the machine that was made last.
func (s *sim) newest(w *draintest.World) string {
	ms := w.Live("my-app")
	return ms[len(ms)-1].ID
}

// TestSomebodyTakesBlueAwayInTheCutover has what an undone cutover could not go
// back to: the release goes on, as green is well.
func TestSomebodyTakesBlueAwayInTheCutover(t *testing.T) {
	for _, kind := range []string{"destroy", "cordon", "crash"} {
		for _, moment := range []struct {
			command string
			nth     int
		}{{"machine uncordon", 1}, {"machine list", 3}, {"machine cordon", 1}, {"machine cordon", 2}} {
			t.Run(fmt.Sprintf("%s at %s %d", kind, moment.command, moment.nth), func(t *testing.T) {
				simulate(t, func(s *sim) {
					r := s.app("my-app", "app=iad:1,lhr:1", "worker=iad:1")
					s.onCommand(r, drain.PhaseCutover, moment.command, moment.nth, func() {
						s.world(func(w *draintest.World) {
							w.Do(draintest.Action{Kind: kind, App: "my-app", Group: "app", Region: "lhr", Blue: true})
						})
					})
					s.deploy(drain.ResultDone, r)
					s.wants("my-app", "app iad started v2", "app lhr started v2", "worker iad started v2")
				})
			})
		}
	}
}

// TestBlueThatIsTakenBackWhenOthersOfItAreGone has a release that drains, and of
// which blue is not whole any more: there is no way back to it.
func TestBlueThatIsTakenBackWhenOthersOfItAreGone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
		s.connect("my-app", "app", "lhr", 4, 20*time.Minute)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(2*time.Minute), draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
			})
		})
		s.deploy(drain.ResultDraining, r)
		resume := s.again(r, "")
		s.ended(drain.ResultDone, resume.Resume, context.Background())
		s.wants("my-app", "app iad started v2", "app iad started v2", "app lhr started v2", "worker iad started v2")
		next := s.again(r, "v3")
		s.ended(drain.ResultDone, next.Deploy, context.Background())
		s.wants("my-app", "app iad started v3", "app iad started v3", "app lhr started v3", "worker iad started v3")
	})
}

// TestNeitherReleaseIsWhole has a release that died in its cutover, and of which
// both green and blue have lost machines since.
func TestNeitherReleaseIsWhole(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 1, 1, "v1")
		s.generation("my-app", newer+"/1/3", 11*time.Minute, 2, 2, "v2")
		<-time.After(12 * time.Minute)
		resume := s.again(r, "")
		report, err := resume.Resume(context.Background())
		if report.Result != drain.ResultPerson || err == nil || !strings.Contains(err.Error(), "deploy again") {
			t.Errorf("%s: %v", report.Result, err)
		}
		next := s.again(r, "v3")
		s.ended(drain.ResultDone, next.Deploy, context.Background())
	})
}

func TestARollbackOfAReleaseThatBroughtANewGroup(t *testing.T) {
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
