package drain_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestTheLastLineSaysWhatIsLeftOrThatItIsUnknown(t *testing.T) {
	a, left := drain.AppReport{App: "a"}, drain.AppReport{App: "b", Left: []string{"one", "two"}}
	dark := drain.AppReport{App: "c", Blind: true}
	for _, c := range []struct {
		result drain.Result
		apps   []drain.AppReport
		want   string
	}{
		{drain.Failed, nil, "failed: nothing was begun"},
		{drain.Done, []drain.AppReport{a}, "done: a"},
		{drain.Done, []drain.AppReport{a, left}, "done: a, b: green serves; still draining, as asked: one two"},
		{drain.Done, []drain.AppReport{dark}, "done: c: green serves; what still drains, as asked, could not be found out"},
		{drain.Draining, []drain.AppReport{left}, "draining: b: the new release serves; of the old one there are still: one two: run again to go on with the drain"},
		{drain.Draining, []drain.AppReport{dark}, "draining: c: the new release serves; what is left of the old one of c could not be found out: run again to go on with the drain"},
		{drain.Draining, []drain.AppReport{left, dark}, "draining: b, c: the new release serves; of the old one there are still: one two; what is left of the old one of c could not be found out: run again to go on with the drain"},
		{drain.Draining, []drain.AppReport{a}, "draining: a: the new release serves; nothing of the old one is left"},
	} {
		if got := (drain.Report{Result: c.result, Apps: c.apps}).Summary(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestADrainThatEndsWhileListsFailDoesNotKnowWhatIsLeft is left by its context.
func TestADrainThatEndsWhileListsFailDoesNotKnowWhatIsLeft(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.draining(1, func(int) time.Duration { return time.Hour })
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.after(10*time.Minute, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Status: 500, Message: "internal server error"})
			})
			cancel()
		})
		report := s.ended(drain.Draining, (&drain.Release{Apps: []*drain.App{app}}).Drain, ctx)
		if !report.Apps[0].Blind {
			t.Error(report.Summary())
		}
	})
}

// TestOfWhatCannotBeSeenNothingIsBegun has an unknown app, a token that has expired,
// and no flyctl that will do: another run would do no better. One app that can be seen is begun.
func TestOfWhatCannotBeSeenNothingIsBegun(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.draining(1)
		nope := func() *drain.App {
			a := drain.New("nope")
			a.Flyctl = app.Flyctl
			return a
		}
		without := s.again(app, "")
		without.Flyctl = func(context.Context, flyctl.Command) (flyctl.Result, error) {
			return flyctl.Result{ExitCode: -1}, fmt.Errorf("%w: no such file", flyctl.ErrNotInstalled)
		}
		for _, denied := range []struct {
			world func(*draintest.World)
			app   *drain.App
			why   error
		}{
			{func(*draintest.World) {}, nope(), flyctl.ErrAppNotFound},
			{func(*draintest.World) {}, without, flyctl.ErrNotInstalled},
			{func(w *draintest.World) { w.NoAuth = true }, s.again(app, ""), flyctl.ErrUnauthorized},
			{func(w *draintest.World) { w.NoAuth, w.Version = false, "0.4.60" }, s.again(app, ""), flyctl.ErrTooOld},
		} {
			s.world(denied.world)
			release := &drain.Release{Apps: []*drain.App{denied.app}}
			for name, do := range map[string]func(context.Context) (drain.Report, error){"drain": release.Drain, "resume": release.Resume, "rollback": release.Rollback} {
				report, err := do(s.Context())
				if report.Result != drain.Failed || !errors.Is(err, denied.why) || report.Summary() != "failed: nothing was begun" {
					t.Errorf("%s: %s: %v", name, report.Summary(), err)
				}
			}
		}
		s.world(func(w *draintest.World) { w.Version = "0.4.87" })
		report := s.ended(drain.Draining, (&drain.Release{Apps: []*drain.App{app, nope()}}).Drain, s.Context())
		if !report.Apps[1].Blind || len(report.Apps[0].Gone) != 1 {
			t.Errorf("%+v", report.Apps)
		}
	})
}
