package drain_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing/synctest"
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

// onPhase does something once when a phase begins.
func (s *sim) onPhase(r *drain.Release, phase drain.Phase, do func()) {
	listen, done, did := r.Events, false, s.awaits("phase "+string(phase))
	r.Events = func(e drain.Event) {
		listen(e)
		if e.Kind == drain.EventPhaseBegun && e.Phase == phase && !done {
			done = true
			did()
			do()
		}
	}
}

// onCommand does something once, just before flyctl is run for the nth time with
// a command while a phase is under way.
func (s *sim) onCommand(r *drain.Release, phase drain.Phase, command string, nth int, do func()) {
	var mu sync.Mutex
	now, n, did := drain.Phase(""), 0, s.awaits(fmt.Sprintf("%s %d in phase %s", command, nth, phase))
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
			did()
			do()
		}
		return inner(ctx, cmd)
	}
}

// newest is the id of the machine that was made last.
func (s *sim) newest(w *draintest.World) string {
	ms := w.Live("my-app")
	return ms[len(ms)-1].ID
}

// three are apps that are released together, with connections that last.
func (s *sim) three() *drain.Release {
	r := s.apps(3, "app=iad:2,lhr:1", "worker=iad:1")
	for _, a := range r.Apps {
		s.connect(a.Name, "app", "iad", 4, 3*time.Minute)
	}
	return r
}

var phases = []drain.Phase{drain.PhaseCheck, drain.PhasePrepare, drain.PhaseGate, drain.PhaseCutover, drain.PhaseDrain}

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

// changes counts the commands so far that could change something.
func (s *sim) changes() (n int) {
	s.world(func(w *draintest.World) {
		for name, k := range w.Counts {
			switch name {
			case "machine list", "machine exec", "version", "config show":
			default:
				if !strings.HasPrefix(name, "api ") {
					n += k
				}
			}
		}
	})
	return n
}

// beside returns an app with one machine that serves, and one that is cordoned.
func (s *sim) beside() (r *drain.Release, serves, cordoned string) {
	s.Helper()
	r = s.app("my-app", "app=iad:2")
	s.world(func(w *draintest.World) {
		live := w.Live("my-app")
		serves, cordoned = live[0].ID, live[1].ID
		w.Do(draintest.Action{Kind: "cordon", Machine: cordoned})
		w.Baseline()
	})
	return r, serves, cordoned
}

// waitsForALateConnection has a connection of 20 minutes land three seconds after the
// cordon: the release must wait for it.
func (s *sim) waitsForALateConnection(r *drain.Release) {
	s.Helper()
	s.onEvent(r, drain.EventCordoned, func(drain.Event) {
		s.after(3*time.Second, func() { s.connect("my-app", "app", "iad", 1, 20*time.Minute) })
	})
	begun := time.Now()
	s.deploy(drain.ResultDone, r)
	s.wants("my-app", v2...)
	if time.Since(begun) < 20*time.Minute {
		s.Errorf("done after %v: the connection did not land on blue", time.Since(begun))
	}
}

// nothings returns releases of which nothing is left to do, which are not valid, and whose
// app is not there.
func (s *sim) nothings() (r, wrong, denied drain.Release) {
	r = *s.app("my-app", "app=iad:1")
	wrong, denied = r, drain.New("nope")
	wrong.Settle, denied.Flyctl = -1, s.fly.Runner()
	return r, wrong, denied
}
