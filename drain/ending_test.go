package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestAFailureNamesOldMachinesThatSomebodyHasTakenAway(t *testing.T) {
	for kind, want := range map[string]string{
		"":        "failed: my-app: the old release serves as before, and nothing of the new one is left",
		"destroy": "failed: my-app: the old release serves, without machines that somebody has destroyed or cordoned (17810000000001), and nothing of the new one is left",
		"cordon":  "failed: my-app: the old release serves, without machines that somebody has destroyed or cordoned (17810000000001), and nothing of the new one is left",
	} {
		t.Run(kind, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // somebody else breaks it
				r := refused(s.app("my-app", "app=iad:2"))
				s.onEvent(r, drain.EventHeld, func(drain.Event) {
					s.world(func(w *draintest.World) {
						if kind != "" {
							w.Do(draintest.Action{Kind: kind, Machine: "17810000000001"})
						}
					})
				})
				if report := s.deploy(drain.ResultFailed, r); report.String() != want {
					t.Errorf("got  %s\nwant %s", report.String(), want)
				}
			})
		})
	}
}

func TestAFirstReleaseThatFailsSaysNothingOfAnOldOne(t *testing.T) {
	const none = "failed: my-app: no release served before"
	for name, c := range map[string]struct {
		fail func(s *sim, r *drain.Release) drain.Report
		want string
	}{
		"undone": {func(s *sim, r *drain.Release) drain.Report { return s.deploy(drain.ResultFailed, refused(r)) },
			none + ", and nothing of the new one is left"},
		"interrupted": {func(s *sim, r *drain.Release) drain.Report {
			report, _ := s.runUntil(drain.PhaseGate, 0, context.Canceled, r)
			return report
		}, none + "; machines of the new one are left, cordoned: 17810000000001 17810000000002; next: deploy -app my-app -resume"},
		"found by a later one": {func(s *sim, r *drain.Release) drain.Report {
			s.runUntil(drain.PhaseGate, 0, draintest.ErrKilled, r)
			again := s.again(r, "v3")
			again.First = true
			return s.deploy(drain.ResultFailed, refused(again))
		}, none + ", and nothing of the new one is left"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app")
				r.First, r.Apps[0].Dir = true, s.dir(flyToml)
				if report := c.fail(s, r); report.String() != c.want {
					t.Errorf("got  %s\nwant %s", report, c.want)
				}
			})
		})
	}
}

// TestADrainThatEndsWhileListsFailDoesNotKnowWhatIsLeft is left by its context.
func TestADrainThatEndsWhileListsFailDoesNotKnowWhatIsLeft(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(1, func(int) time.Duration { return time.Hour })
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		s.after(10*time.Minute, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Status: 500, Message: "internal server error"})
			})
			cancel()
		})
		report := s.ended(drain.ResultDraining, r.Drain, ctx)
		if report.Apps[0].Known {
			t.Error(report.String())
		}
	})
}

func TestMachinesThatHaveAppearedAreNamedAndNothingIsSaidToBeLeftOfNone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		s.world(func(w *draintest.World) {
			w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Unhealthy: true}
		})
		s.onPhase(r, drain.PhaseGate, func() {
			go func() {
				res, err := s.fly.Runner()(s.Context(), flyctl.Command{Args: strings.Fields("machine clone -a my-app --detach 17810000000001"), Env: []string{"DRAINTEST_OTHER=1"}})
				if err != nil || res.ExitCode != 0 {
					t.Errorf("%s, %v", res.Stderr, err)
				}
			}()
		})
		report, err := r.Deploy(s.Context())
		var appeared string
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if m.ID != "17810000000001" && m.ID != "17810000000002" {
					appeared += m.ID
				}
			}
		})
		want := "failed: my-app: the old release serves as before; machines have appeared since this run began, and it is not known whose they are: look at " + appeared
		if err == nil || report.Result != drain.ResultFailed || report.String() != want {
			t.Errorf("%v\n%s, want\n%s", err, report, want)
		}
	})
}

// TestAMachineThatMayBeGreenIsNamedAndNothingIsSaidToBeLeftOfNone has one of whose row no list says anything: the
// release has created it, and cannot know that.
func TestAMachineThatMayBeGreenIsNamedAndNothingIsSaidToBeLeftOfNone(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		const green = "17810000000003"
		s.world(func(w *draintest.World) {
			w.Images["registry.fly.io/my-app:v2"] = &draintest.Image{Unhealthy: true}
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: "no-config", Machine: green})
		})
		report, err := r.Deploy(s.Context())
		const want = "failed: my-app: the old release serves; it is not known what is left of the new one"
		if report.Result != drain.ResultLeft || !strings.HasPrefix(report.String(), want) {
			t.Errorf("%s", report)
		}
		if err == nil || !strings.Contains(err.Error(), green) {
			t.Errorf("it does not name %s: %v", green, err)
		}
	})
}
