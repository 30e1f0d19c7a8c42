package drain_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestARunThatBeginsBesideAnotherWaitsForItsEnd has what looks half done, or left
// behind, and is not: to take it back would leave nothing that takes traffic.
func TestARunThatBeginsBesideAnotherWaitsForItsEnd(t *testing.T) {
	for i, moment := range []struct {
		phase   drain.Phase
		command string
		nth     int
	}{
		{drain.PhasePrepare, "machine cordon", 1}, {drain.PhaseGate, "machine list", 1}, {drain.PhaseGate, "machine list", 6},
		{drain.PhaseCutover, "machine uncordon", 1}, {drain.PhaseCutover, "machine list", 3},
		{drain.PhaseCutover, "machine cordon", 1}, {drain.PhaseCutover, "machine cordon", 2},
	} {
		operations := []string{"deploy", "resume", "drain"}
		if !long() {
			operations = operations[i%3 : i%3+1]
		}
		for _, what := range operations {
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

// TestARunThatUndoesAReleaseStopsWhenThatGoesOn has a hold that takes longer than a run
// seems dead. When the second run holds green in its place, the first one goes on.
func TestARunThatUndoesAReleaseStopsWhenThatGoesOn(t *testing.T) {
	for what, want := range map[string]struct {
		result drain.Result
		image  string
	}{"resume": {drain.ResultLeft, "v2"}, "deploy": {drain.ResultDone, "v3"}} {
		t.Run(what, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2")
				s.world(func(w *draintest.World) { w.LimitsOff = true }) // else who gets the next list is chance
				second, held := s.again(r, "v3"), make(chan struct{})
				s.onCommand(second, drain.PhaseUndo, "machine cordon", 1, func() {
					<-time.After(20 * time.Second) // for the lease of the first one's
					close(held)
				})
				inner, holds := r.Flyctl, int32(0)
				r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
					if strings.Join(cmd.Args[:2], " ") == "machine cordon" && atomic.AddInt32(&holds, 1) == 2 {
						<-held
					}
					return inner(ctx, cmd)
				}
				first := make(chan drain.Result)
				go func() {
					report, err := r.Deploy(context.Background())
					t.Logf("first: %s: %v", report.Result, err)
					first <- report.Result
				}()
				<-time.After(20 * time.Second)
				do := map[string]func(context.Context) (drain.Report, error){"deploy": second.Deploy, "resume": second.Resume}[what]
				report, err := do(context.Background())
				if report.Result != want.result || what == "resume" && !strings.Contains(fmt.Sprint(err), "another run is at work") {
					t.Errorf("second: %s: %v", report.Result, err)
				}
				if result := <-first; result != drain.ResultDone {
					t.Errorf("the first run: %s", result)
				}
				s.wants("my-app", "app iad started "+want.image, "app iad started "+want.image)
			})
		})
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
// to repair, and next looks when green is made and held.
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
		report := s.ended(drain.ResultFailed, r.Resume, s.Context())
		if !strings.Contains(report.Why, "another run keeps changing these apps") || report.String() != "failed: my-app: nothing was changed" || s.changes() != changes {
			t.Errorf("%s: %s", report, report.Why)
		}
	})
}

// TestARunThatAnotherHasOvertakenLeavesBlueAsItIs has somebody deploy as blue is cordoned,
// and cordon what this run has promoted.
func TestARunThatAnotherHasOvertakenLeavesBlueAsItIs(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1")
		s.onCommand(r, drain.PhaseCutover, "machine cordon", 1, func() {
			s.world(func(w *draintest.World) {
				w.Images["registry.fly.io/my-app:v9"] = &draintest.Image{Boot: time.Millisecond, Health: time.Millisecond}
				w.Do(draintest.Action{Kind: "deploy", App: "my-app", Image: "registry.fly.io/my-app:v9"})
				w.Do(draintest.Action{Kind: "cordon", App: "my-app", Green: true})
			})
		})
		report := s.deploy(drain.ResultFailed, r)
		want := "failed: my-app: the old release does not serve any more: all of its machines were destroyed or cordoned (17810000000001); machines have appeared since this run began, and it is not known whose they are: look at 17810000000003"
		if report.String() != want {
			t.Errorf("got  %s\nwant %s", report.String(), want)
		}
		s.wants("my-app", "app iad started v1 cordoned", "app iad started v9")
	})
}
