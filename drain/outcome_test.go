package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"errors"
	"fmt"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// All that is left of an app is cordoned: each operation says that nothing serves,
// and how to mend it.
func TestWhereOnlyCordonedMachinesAreLeftAPersonIsNeeded(t *testing.T) {
	operations := map[string]func(*drain.Release) func(context.Context) (drain.Report, error){
		"a deploy":   func(r *drain.Release) func(context.Context) (drain.Report, error) { return r.Deploy },
		"a resume":   func(r *drain.Release) func(context.Context) (drain.Report, error) { return r.Resume },
		"a drain":    func(r *drain.Release) func(context.Context) (drain.Report, error) { return r.Drain },
		"a rollback": func(r *drain.Release) func(context.Context) (drain.Report, error) { return r.Rollback },
	}
	for _, marked := range []bool{false, true} {
		for name, of := range operations {
			if marked {
				name += ", of a release of ours"
			}
			t.Run(name, func(t *testing.T) {
				simulate(t, func(s *sim) {
					r := s.app("my-app", "app=iad:2")
					if marked {
						s.connect("my-app", "app", "iad", 4, time.Hour)
						s.deploy(drain.ResultDone, background(r))
					}
					s.allow("S1") // somebody does it
					s.world(func(w *draintest.World) {
						for _, m := range w.Live("my-app") {
							if _, green := m.Mark(); green {
								w.Do(draintest.Action{Kind: "destroy", Machine: m.ID})
							} else {
								w.Do(draintest.Action{Kind: "cordon", Machine: m.ID})
							}
						}
					})
					changes := s.changes()
					report, err := of(s.again(r, "v3"))(s.Context())
					if report.Result != drain.ResultPerson || err == nil {
						t.Fatalf("%s: %v", report.Result, err)
					}
					said := report.String() + " " + err.Error() + " " + strings.Join(report.Next, "; ")
					if !strings.Contains(said, "fly machine uncordon -a my-app") {
						t.Errorf("it does not say how to mend it: %s", said)
					}
					for _, untrue := range []string{"serves as before", "the new release serves", "nothing was changed"} {
						if strings.Contains(report.String(), untrue) {
							t.Errorf("it says what is not so: %s", report)
						}
					}
					if s.changes() != changes {
						t.Error("something was changed")
					}
				})
			})
		}
	}
}

func TestAMachineThatIsTakenBackInItsDrainIsNamedOnceInTheError(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1")
		s.connect("my-app", "app", "iad", 1, 2*time.Hour)
		s.onEvent(r, drain.EventCordoned, func(drain.Event) {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(time.Minute), draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
			})
		})
		if _, err := r.Deploy(s.Context()); err == nil || strings.Count(err.Error(), "machine 17810000000001 is left alone") != 1 {
			t.Error(err)
		}
	})
}

// TestOfWhatCannotBeSeenNothingIsBegun has an unknown app, a token that has expired,
// and no flyctl that will do: another run would do no better. One app that can be seen is begun.
func TestOfWhatCannotBeSeenNothingIsBegun(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(1)
		nope := drain.New("nope")
		nope.Flyctl, nope.Apps[0].Dir = r.Flyctl, r.Apps[0].Dir
		without := s.again(r, "")
		without.Flyctl = func(context.Context, flyctl.Command) (flyctl.Result, error) {
			return flyctl.Result{ExitCode: -1}, fmt.Errorf("%w: no such file", flyctl.ErrNotInstalled)
		}
		for _, denied := range []struct {
			world func(*draintest.World)
			r     *drain.Release
			why   error
		}{
			{func(*draintest.World) {}, &nope, flyctl.ErrAppNotFound},
			{func(*draintest.World) {}, without, flyctl.ErrNotInstalled},
			{func(w *draintest.World) { w.NoAuth = true }, s.again(r, ""), flyctl.ErrUnauthorized},
			{func(w *draintest.World) { w.NoAuth, w.Version = false, "0.4.60" }, s.again(r, ""), flyctl.ErrTooOld},
		} {
			s.world(denied.world)
			r := denied.r
			for name, do := range map[string]func(context.Context) (drain.Report, error){"deploy": r.Deploy, "drain": r.Drain, "resume": r.Resume, "rollback": r.Rollback} {
				report, err := do(s.Context())
				if report.Result != drain.ResultFailed || !errors.Is(err, denied.why) || report.String() != "failed: nothing was begun" {
					t.Errorf("%s: %s: %v", name, report.String(), err)
				}
			}
		}
		s.world(func(w *draintest.World) { w.Version = "0.4.87" })
		report := s.ended(drain.ResultDraining, together(r, &nope).Drain, s.Context())
		if report.Apps[1].Known || len(report.Apps[0].Destroyed) != 1 {
			t.Errorf("%+v", report.Apps)
		}
	})
}
