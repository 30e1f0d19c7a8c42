package drain_test

import (
	"context"
	"fmt"
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

// TestGreenThatIsLostInTheDrainLeavesBlueServingOrKept has green of a place go, or fall
// ill for good, before blue is idle. A running release goes back to blue. A drain
// destroys nothing there, and says what a person has to do.
func TestGreenThatIsLostInTheDrainLeavesBlueServingOrKept(t *testing.T) {
	for _, c := range []struct {
		loss, kind, shape, region string
		blue                      []string
	}{
		{"all of it is destroyed", "destroy", "app=iad:1", "iad", []string{"app iad started v1"}},
		{"all of two are destroyed", "destroy", "app=iad:2", "iad", []string{"app iad started v1", "app iad started v1"}},
		{"all of it is critical", "sick", "app=iad:2", "iad", []string{"app iad started v1", "app iad started v1"}},
		{"the only one of a region crashes", "crash", "app=iad:1,lhr:1", "lhr", []string{"app iad started v1", "app lhr started v1"}},
	} {
		prepare := func(s *sim) (r *drain.Release, lose func()) {
			r = s.app("my-app", c.shape)
			s.allow("S1") // by the loss
			for _, region := range []string{"iad", "lhr"} {
				s.connect("my-app", "app", region, 2, 3*time.Minute)
			}
			return r, func() {
				s.world(func(w *draintest.World) {
					for _, m := range w.Live("my-app") {
						if _, green := m.Mark(); green && m.Region == c.region {
							w.Images[m.Config.Image] = &draintest.Image{Crash: c.kind == "crash"}
							w.Do(draintest.Action{Kind: c.kind, Machine: m.ID})
						}
					}
				})
			}
		}
		t.Run(c.loss+", a release", func(t *testing.T) {
			simulate(t, func(s *sim) {
				r, lose := prepare(s)
				s.onPhase(r, drain.PhaseDrain, lose)
				report := s.deploy(drain.ResultFailed, r)
				s.wants("my-app", c.blue...)
				if said := report.String(); !strings.Contains(said, "the old release serves") {
					t.Errorf("it says: %s", said)
				}
			})
		})
		t.Run(c.loss+", a drain", func(t *testing.T) {
			simulate(t, func(s *sim) {
				r, lose := prepare(s)
				s.deploy(drain.ResultDone, background(r))
				lose()
				report := s.ended(drain.ResultPerson, r.Drain, s.Context())
				kept := 0
				s.world(func(w *draintest.World) {
					for _, m := range w.Live("my-app") {
						if _, green := m.Mark(); green || m.Region != c.region {
							continue
						}
						kept++
						if !m.Cordoned || !strings.Contains(strings.Join(report.Next, "\n"), m.ID) {
							t.Errorf("machine %s is uncordoned, or no command is given for it: %q", m.ID, report.Next)
						}
					}
				})
				if want := strings.Count(strings.Join(c.blue, "\n"), c.region); kept != want {
					t.Errorf("%d machines of blue are kept in %s, want %d", kept, c.region, want)
				}
			})
		})
	}
}

// The list says nothing of a machine from the start: the release is refused, or, where
// it is allowed, leaves the machine and names it.
func TestAThinRowFromTheStartIsRefusedOrNamed(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		t.Run(fmt.Sprint(allowed), func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:3")
				r.AllowUnreachable = allowed
				thin := ""
				s.world(func(w *draintest.World) {
					thin = w.Live("my-app")[0].ID
					w.Machine(thin).Host = "unreachable"
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "no-config", Machine: thin})
				})
				report, err := r.Deploy(s.Context())
				if err == nil || !strings.Contains(err.Error(), thin) {
					t.Errorf("it does not name %s: %s: %v", thin, report, err)
				}
				if serving := strings.Count(s.list("my-app"), "started v2"); serving != map[bool]int{true: 2, false: 0}[allowed] {
					t.Errorf("%s: %v\n%s", report, err, s.list("my-app"))
				}
				if !allowed && (report.Result != drain.ResultFailed || s.changes() > 0) {
					t.Errorf("something was changed: %s", report)
				}
			})
		})
	}
}
