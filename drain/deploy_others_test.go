package drain_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestWhatHappensToGreenIsMendedOrEndsTheRelease has what the platform can do to green
// while it is made and checked.
func TestWhatHappensToGreenIsMendedOrEndsTheRelease(t *testing.T) {
	for name, c := range map[string]struct {
		phase  drain.Phase
		action draintest.Action
		want   drain.Result
		says   string
	}{
		"the proxy stops one: it is started again": {drain.PhaseGate, draintest.Action{Kind: "autostop"}, drain.ResultDone, ""},
		"one crashes once: it starts again":        {drain.PhaseGate, draintest.Action{Kind: "crash"}, drain.ResultDone, ""},
		"one is destroyed while it is checked":     {drain.PhaseGate, draintest.Action{Kind: "destroy"}, drain.ResultFailed, "gone"},
		"one is destroyed before a list shows it":  {drain.PhasePrepare, draintest.Action{Kind: "destroy"}, drain.ResultDone, ""},
		"the host of one cannot be reached":        {drain.PhaseGate, draintest.Action{Kind: "unreachable"}, drain.ResultLeft, "unreachable"},
		"one falls ill":                            {drain.PhaseGate, draintest.Action{Kind: "sick"}, drain.ResultFailed, "check"},
		"one falls ill when it is open":            {drain.PhaseCutover, draintest.Action{Kind: "sick"}, drain.ResultFailed, "check"},
		"one crashes when it is open":              {drain.PhaseCutover, draintest.Action{Kind: "crash"}, drain.ResultFailed, ""},
		"somebody uncordons one: it is held again": {drain.PhaseGate, draintest.Action{Kind: "uncordon"}, drain.ResultDone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
				r.HealthTimeout = time.Minute
				s.connect("my-app", "app", "iad", 4, 3*time.Minute)
				c.action.App, c.action.Group, c.action.Green = "my-app", "app", true
				delay := 1500 * time.Millisecond // by then all of green runs, and none is open
				if c.phase == drain.PhasePrepare {
					delay = 500 * time.Millisecond // by then the first of green is created, and not listed
				}
				s.onPhase(r, c.phase, func() {
					s.world(func(w *draintest.World) { w.At(w.Now.Add(delay), c.action) })
				})
				report, err := r.Deploy(context.Background())
				if report.Result != c.want || (err == nil) != (c.want == drain.ResultDone) || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", report.Result, err)
				}
				image := "v1"
				if c.want == drain.ResultDone {
					image = "v2"
				}
				if c.want != drain.ResultLeft {
					s.wants("my-app", "app iad started "+image, "app iad started "+image, "app lhr started "+image, "worker iad started "+image)
				}
				s.world(func(w *draintest.World) { w.Account.Cut = 0 }) // by what happened outside
			})
		})
	}
}

// TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount has the host of a green
// machine lost in the propagation wait: nobody knows whether it serves.
func TestGreenThatCannotBeReachedWhenItIsOpenDoesNotCount(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseCutover, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(5*time.Second), draintest.Action{Kind: "unreachable", App: "my-app", Group: "app", Green: true})
			})
		})
		report := s.ended(drain.ResultLeft, r.Deploy, context.Background())
		s.world(func(w *draintest.World) {
			for _, id := range report.Apps[0].Blue {
				if m := w.Machine(id); m == nil || m.Cordoned {
					t.Errorf("blue machine %s is out of traffic", id)
				}
			}
		})
	})
}

// TestAReleaseGoesOnWhenSomebodyTakesBlueAwayInTheCutover has what an undone cutover could not go
// back to: the release goes on, as green is well.
func TestAReleaseGoesOnWhenSomebodyTakesBlueAwayInTheCutover(t *testing.T) {
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

// TestBlueThatIsTakenBackWhenOthersOfItAreGoneGoesWithTheNextRun has a release that drains, and of
// which blue is not whole any more: there is no way back to it.
func TestBlueThatIsTakenBackWhenOthersOfItAreGoneGoesWithTheNextRun(t *testing.T) {
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

// TestGreenThatSomebodyCordonsInTheBakeStays has one more green machine come, which is
// older: by their number and age the one that is cordoned would be surplus.
func TestGreenThatSomebodyCordonsInTheBakeStays(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseDrain, func() {
			s.after(time.Minute, func() {
				s.world(func(w *draintest.World) {
					green := slices.DeleteFunc(w.Live("my-app"), func(m *draintest.Machine) bool { mark, _ := m.Mark(); return mark == "" || m.Group() != "app" })
					late := w.AddMachine("my-app", "app", "iad", green[1].Config.Image)
					w.Remark(green[1].Config.Env["FLYDRAIN"], late.ID)
					late.Born = green[0].Born.Add(-time.Second)
					w.Do(draintest.Action{Kind: "cordon", Machine: green[1].ID})
				})
			})
		})
		r.Bake = 5 * time.Minute
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "app iad started v2", "app iad started v2 cordoned", "worker iad started v2")
	})
}

func TestSomebodyElsesChangeStopsTheCutoverAndUndoesIt(t *testing.T) {
	for kind, phase := range map[string]drain.Phase{"deploy": drain.PhaseGate, "destroy": drain.PhasePrepare, "cordon": drain.PhaseGate} {
		t.Run(kind, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:3", "worker=iad:1")
				s.connect("my-app", "app", "iad", 3, 10*time.Minute)
				s.onPhase(r, phase, func() {
					s.world(func(w *draintest.World) {
						w.Do(draintest.Action{Kind: kind, App: "my-app", Group: "app", Blue: true, Image: "registry.fly.io/my-app:v9"})
						w.Account = draintest.Account{} // what somebody else cuts is not ours
					})
				})
				s.deploy(drain.ResultFailed, r)
				if strings.Contains(s.list("my-app"), "v2") {
					t.Errorf("green is left:\n%s", s.list("my-app"))
				}
			})
		})
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

func TestAMachineThatWasTakenBackIsNamedWithTheCommandsToRun(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.connect("my-app", "app", "iad", 4, 10*time.Minute)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(30*time.Second), draintest.Action{Kind: "uncordon", App: "my-app", Group: "app", Blue: true})
			})
		})
		if report := s.deploy(drain.ResultDraining, r); !strings.Contains(report.String(), "machines that were to drain serve, and are left alone: 17810000000001; next: deploy -app my-app -resume") {
			t.Error(report.String())
		}
	})
}

func TestABakeInWhichSomebodyRollsBackEndsAndSaysThatTheOldReleaseServes(t *testing.T) {
	for name, c := range map[string]struct {
		green  int // connections
		result drain.Result
		says   string
	}{
		"and has removed green": {0, drain.ResultFailed, "the old release serves as before, and nothing of the new one is left"},
		"and green drains":      {4, drain.ResultLeft, "the old release serves; machines of the new one are left, cordoned: 17810000000004 17810000000005 17810000000006; next: deploy -app my-app -resume"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				r.Bake = time.Hour
				s.onPhase(r, drain.PhaseDrain, func() {
					s.connect("my-app", "app", "iad", c.green, time.Hour)
					s.after(5*time.Minute, func() { s.ended(drain.ResultDone, s.again(r, "").Rollback, context.Background()) })
				})
				if report := s.deploy(c.result, r); report.String() != "failed: my-app: "+c.says {
					t.Error(report)
				}
				s.ended(drain.ResultDone, s.again(r, "").Resume, s.Context())
				s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
			})
		})
	}
}
