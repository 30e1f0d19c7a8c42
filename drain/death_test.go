package drain_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

var phases = []drain.Phase{drain.PhaseCheck, drain.PhasePrepare, drain.PhaseGate, drain.PhaseCutover, drain.PhaseDrain}

// three are apps that are released together, with connections that last.
func (s *sim) three() *drain.Release {
	r := s.apps(3, "app=iad:2,lhr:1", "worker=iad:1")
	for _, a := range r.Apps {
		s.connect(a.Name, "app", "iad", 4, 3*time.Minute)
	}
	return r
}

// runUntil runs a release, and ends it some time after a phase began: with
// ErrKilled as a SIGKILL does, after which nothing that it does has an effect,
// else as an interrupt does.
func (s *sim) runUntil(phase drain.Phase, after time.Duration, how error, r *drain.Release) (drain.Report, time.Duration) {
	ctx, cancel := context.WithCancelCause(s.Context())
	defer cancel(nil)
	life, die := context.WithCancelCause(context.Background())
	defer die(nil)
	var ended time.Time
	if how == draintest.ErrKilled {
		r.Flyctl = mortal(life, r.Flyctl)
	}
	s.onPhase(r, phase, func() {
		time.AfterFunc(after, func() {
			ended = time.Now()
			if how == draintest.ErrKilled {
				die(how)
			}
			cancel(how)
		})
	})
	report, err := r.Deploy(ctx)
	took := time.Duration(0)
	if !ended.IsZero() {
		took = time.Since(ended)
	}
	s.Logf("%s: %v", report.Result, err)
	synctest.Wait()
	return report, took
}

// mortal is a Runner that has no effect once its life has ended.
func mortal(life context.Context, run flyctl.Runner) flyctl.Runner {
	return func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		if life.Err() != nil {
			return flyctl.Result{ExitCode: -1}, context.Cause(life)
		}
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(life, func() { cancel(context.Cause(life)) })()
		return run(ctx, cmd)
	}
}

// consistent wants all apps to be on one release: what takes traffic is of one image.
func (s *sim) consistent(r *drain.Release) {
	s.Helper()
	tags := map[string]bool{}
	for _, a := range r.Apps {
		for row := range strings.Lines(s.list(a.Name)) {
			if f := strings.Fields(row); len(f) == 4 && f[0] == "app" {
				tags[f[3]] = true
			}
		}
	}
	if len(tags) > 1 {
		s.Errorf("several releases take traffic: %v", tags)
	}
}

// TestInterruptedWhileBlueIsCordonedTheCutoverIsFinished interrupts when the first
// of blue is out. The last takes a while.
func TestInterruptedWhileBlueIsCordonedTheCutoverIsFinished(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.three()
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine cordon", Machine: w.Live("app-2")[1].ID, Slow: time.Second})
		})
		var ended time.Time
		onEvent(r, drain.EventCordoned, func(drain.Event) { ended = time.Now(); cancel() })
		report := s.ended(drain.ResultDraining, r.Deploy, ctx)
		if took := time.Since(ended); took > 9*time.Second {
			t.Errorf("it took %v to leave, and CI kills after 10 s", took)
		}
		for _, a := range report.Apps {
			if len(a.Draining) != 4 {
				t.Errorf("%s: of blue there are out: %v", a.App, a.Draining)
			}
		}
		s.consistent(r)
	})
}
