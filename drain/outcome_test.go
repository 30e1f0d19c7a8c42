package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
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
