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
	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	older = "20000101T000100Z-aaaa"
	newer = "20000101T001000Z-bbbb"
)

// generation adds machines of group app in iad that a release made, at that
// time after the start of the test, some of them open.
func (s *sim) generation(app, mark string, at time.Duration, n, open int, image string) {
	s.world(func(w *draintest.World) {
		var ids []string
		for range n {
			m := w.AddMachine(app, "app", "iad", "registry.fly.io/"+app+":"+image)
			m.Born = w.Now.Add(at).Truncate(time.Second)
			ids = append(ids, m.ID)
		}
		if mark == "" {
			w.Baseline() // what served when the release began that is found half done
		} else {
			w.Remark(mark, ids...)
		}
		for _, id := range ids[open:] {
			w.Do(draintest.Action{Kind: "cordon", Machine: id})
		}
	})
}

// TestResumeDoesWhatTheTableOfIntentSays has a case for each row of the design's table.
func TestResumeDoesWhatTheTableOfIntentSays(t *testing.T) {
	for name, c := range map[string]struct {
		blue, blueOpen   int
		green, greenOpen int
		unhealthy        bool
		want             drain.Result
		left             []string
		said             string
	}{
		"no mark: at rest":                           {blue: 2, blueOpen: 2, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"no mark, somebody cordoned one: left alone": {blue: 2, blueOpen: 1, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1 cordoned"}},
		"green open, no blue: at rest":               {green: 2, greenOpen: 2, want: drain.ResultDone, left: []string{"app iad started v2", "app iad started v2"}},
		"green open, blue out: drain":                {blue: 2, green: 2, greenOpen: 2, want: drain.ResultDone, left: []string{"app iad started v2", "app iad started v2"}},
		"green whole, a part of blue out: forward":   {blue: 2, blueOpen: 1, green: 2, greenOpen: 2, want: drain.ResultDone, left: []string{"app iad started v2", "app iad started v2"}},
		"so, but green is unwell: back":              {blue: 2, blueOpen: 1, green: 2, greenOpen: 2, unhealthy: true, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"green open, blue open: back":                {blue: 2, blueOpen: 2, green: 2, greenOpen: 2, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"green held, blue open: back":                {blue: 2, blueOpen: 2, green: 2, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"a part of green, blue open: back":           {blue: 2, blueOpen: 2, green: 1, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"green held, a part of blue out: back":       {blue: 2, blueOpen: 1, green: 2, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"green not whole, a part of blue out: back":  {blue: 2, blueOpen: 1, green: 1, greenOpen: 1, want: drain.ResultDone, left: []string{"app iad started v1", "app iad started v1"}},
		"green held, no blue: it goes":               {green: 2, want: drain.ResultDone},
		"nothing open: a person": {blue: 1, green: 1, want: drain.ResultPerson, said: "fly machine uncordon",
			left: []string{"app iad started v1 cordoned", "app iad started v2 cordoned"}},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app")
				s.generation("my-app", "", 0, c.blue, c.blueOpen, "v1")
				if c.green > 0 {
					s.generation("my-app", newer+"/1/2", 11*time.Minute, c.green, c.greenOpen, "v2")
				}
				if c.unhealthy {
					s.world(func(w *draintest.World) {
						for _, m := range w.Live("my-app") {
							if strings.HasSuffix(m.Config.Image, "v2") {
								w.Do(draintest.Action{Kind: "sick", Machine: m.ID})
							}
						}
					})
				}
				<-time.After(12 * time.Minute)
				s.connect("my-app", "app", "iad", 4, 3*time.Minute)
				report, err := r.Resume(context.Background())
				if report.Result != c.want || !strings.Contains(fmt.Sprint(err), c.said) {
					t.Errorf("%s: %v", report.Result, err)
				}
				s.wants("my-app", c.left...)

				// S7: done again, it changes nothing.
				changes := s.changes()
				again, _ := r.Resume(context.Background())
				if got := s.changes(); got != changes || again.Result != c.want {
					t.Errorf("%s again: %d commands that change something", again.Result, got-changes)
				}
			})
		})
	}
}

func TestResumeDecidesForAllAppsOfAReleaseTogether(t *testing.T) {
	for name, c := range map[string]struct {
		open    [2][2]int // blue and green that are open, of two each, of both apps
		forward bool
	}{
		"one drains, one is half out":    {open: [2][2]int{{0, 2}, {1, 2}}, forward: true},
		"one is half out, one is not":    {open: [2][2]int{{1, 2}, {2, 2}}, forward: true},
		"both green are open, blue too":  {open: [2][2]int{{2, 2}, {2, 2}}},
		"one green is open, one is held": {open: [2][2]int{{2, 2}, {2, 0}}},
		"both green are held":            {open: [2][2]int{{2, 0}, {2, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.apps(2)
				for i, open := range c.open {
					s.generation(r.Apps[i].Name, "", 0, 2, open[0], "v1")
				}
				for i, open := range c.open {
					s.generation(r.Apps[i].Name, newer+"/2/2", 11*time.Minute, 2, open[1], "v2")
				}
				<-time.After(12 * time.Minute)
				if at := c.open[0]; at != [2]int{0, 2} && at != [2]int{2, 0} { // what drains, or went back, has nothing to decide
					one := *r
					one.Apps = r.Apps[:1]
					report, err := one.Resume(context.Background())
					if report.Result == drain.ResultDone || err == nil || !strings.Contains(err.Error(), "pass all") {
						t.Errorf("one of two apps: %s: %v", report.Result, err)
					}
				}
				s.ended(drain.ResultDone, r.Resume, context.Background())
				want := "app iad started v1"
				if c.forward {
					want = "app iad started v2"
				}
				for _, a := range r.Apps {
					s.wants(a.Name, want, want)
				}
			})
		})
	}
}

// TestAnotherAppIsNotTakenForTheOneThatAnUnfinishedReleaseLacks has a run killed as both
// releases of two apps serve: to undo it in one app would leave the apps on two releases.
func TestAnotherAppIsNotTakenForTheOneThatAnUnfinishedReleaseLacks(t *testing.T) {
	simulate(t, func(s *sim) {
		r, other := s.apps(2, "app=iad:2"), s.app("other", "app=iad:1")
		s.runUntil(drain.PhaseCutover, time.Second, draintest.ErrKilled, r)
		both := []string{"app iad started v1", "app iad started v1", "app iad started v2", "app iad started v2"}
		s.wants("app-0", both...)
		part := s.again(together(r, other), "v3")
		part.Apps = slices.Delete(part.Apps, 1, 2)
		changes := s.changes()
		status, err := part.Status(s.Context())
		said := map[string]string{"status": fmt.Sprint(status.Why, err)}
		for _, op := range []string{"deploy", "resume"} {
			_, err := part.Plan(s.Context(), op)
			said["plan of "+op] = fmt.Sprint(err)
		}
		said["deploy"] = s.ended(drain.ResultFailed, part.Deploy, s.Context()).Why
		resumed := s.ended(drain.ResultFailed, part.Resume, s.Context())
		said["resume"] = resumed.Why
		if resumed.String() != "failed: app-0, other: nothing was changed" { // and no next command: this one would be refused again
			t.Errorf("resume: %s", resumed)
		}
		for what, text := range said {
			if !strings.Contains(text, "covers 2 apps and is unfinished: pass all of them, also app-1") {
				t.Errorf("%s: %s", what, text)
			}
		}
		if n := s.changes() - changes; n > 0 {
			t.Errorf("%d commands that change something", n)
		}
		whole := s.again(together(r, other), "v3") // the release's own apps are given, and one more
		s.ended(drain.ResultDone, whole.Resume, s.Context())
		s.wants("app-0", both[:2]...)
		s.wants("app-1", both[:2]...)
	})
}

// TestAnAppWithoutGreenIsNotMissed has a run killed before the second app has any green.
func TestAnAppWithoutGreenIsNotMissed(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.apps(2)
		s.generation("app-0", "", 0, 1, 1, "v1")
		s.generation("app-1", "", 0, 1, 1, "v1")
		s.generation("app-0", newer+"/2/1/app-0/app-1", 11*time.Minute, 1, 1, "v2")
		<-time.After(12 * time.Minute)
		s.ended(drain.ResultDone, s.again(r, "").Resume, s.Context())
		s.wants("app-0", "app iad started v1")
		s.wants("app-1", "app iad started v1")
	})
}

func TestResumeOfSeveralGenerationsOpensNoneThatDrained(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 2, 0, "v0") // drains since the older release
		s.generation("my-app", older+"/1/2", 2*time.Minute, 2, 1, "v1")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 2, 0, "v2")
		<-time.After(12 * time.Minute)
		s.ended(drain.ResultDone, r.Resume, context.Background())
		s.wants("my-app", "app iad started v1", "app iad started v1")
		s.world(func(w *draintest.World) {
			if lines := w.Lines("machine uncordon"); len(lines) != 1 {
				t.Errorf("%q", lines)
			}
		})
	})
}

func TestResumeRemovesAllReleasesThatWentBack(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 2, 2, "v1")
		s.generation("my-app", older+"/1/2", 2*time.Minute, 2, 0, "v2")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 2, 0, "v3")
		<-time.After(12 * time.Minute)
		s.ended(drain.ResultDone, r.Resume, context.Background())
		s.wants("my-app", "app iad started v1", "app iad started v1")
	})
}

// TestAHalfDoneReleaseOneOfWhoseGreenIsUnwellGoesBack has enough of green well that
// a cordon of the rest of blue would not be refused.
func TestAHalfDoneReleaseOneOfWhoseGreenIsUnwellGoesBack(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		r.HealthTimeout = time.Minute
		s.generation("my-app", "", 0, 2, 1, "v1")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 2, 2, "v2")
		<-time.After(12 * time.Minute)
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "sick", Machine: w.Live("my-app")[3].ID}) })
		<-time.After(time.Minute)
		s.ended(drain.ResultDone, r.Resume, context.Background())
		s.wants("my-app", "app iad started v1", "app iad started v1")
	})
}

// TestWhereNeitherReleaseIsWholeAPersonIsNeeded has a release that died in its cutover, and of which
// both green and blue have lost machines since.
func TestWhereNeitherReleaseIsWholeAPersonIsNeeded(t *testing.T) {
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

// TestAReleaseThatIsInterruptedInTheMakingIsRemovedByTheNextRun leaves green held, and
// blue as it was. The next run removes green when nothing has moved for 40 s.
func TestAReleaseThatIsInterruptedInTheMakingIsRemovedByTheNextRun(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		s.connect("my-app", "app", "iad", 2, 0)
		s.world(func(w *draintest.World) { w.Faults = append(w.Faults, s.hangs()) })
		was := s.list("my-app")
		report := s.ended(drain.ResultLeft, r.Deploy, s.interruptedInTheMaking())
		green := s.ids("v2")
		if a := report.Apps[0]; len(green) != 1 || !slices.Equal(a.Draining, green) || !slices.Equal(a.Serving, a.Blue[:1]) || len(a.Blue) != 2 || !a.Known {
			t.Errorf("green is %v, and it says %+v", green, a)
		}
		if want := "failed: my-app: the old release serves; machines of the new one are left, cordoned: " + green[0] + "; next: deploy -app my-app -resume"; report.String() != want {
			t.Errorf("got  %s\nwant %s", report, want)
		}
		s.wants("my-app", append(strings.Split(was, "\n"), "app iad started v2 cordoned")...)
		s.world(func(w *draintest.World) {
			if lines := slices.Concat(w.Lines("machine uncordon"), w.Lines("machine stop"), w.Lines("machine destroy")); len(lines) > 0 {
				t.Errorf("%q", lines)
			}
		})
		<-time.After(time.Second)
		begun := time.Now()
		s.ended(drain.ResultDone, s.again(r, "").Resume, s.Context())
		if took := time.Since(begun); took < 40*time.Second || took > 65*time.Second {
			t.Errorf("the next run took %v", took)
		}
		if is := s.list("my-app"); is != was {
			t.Errorf("it was\n%s\nand is\n%s", was, is)
		}
	})
}

func TestADeployThatEndsInARepairSaysWhatTheRepairCameTo(t *testing.T) {
	for name, c := range map[string]struct {
		blue, green int // that are uncordoned; blue has two machines
		after       time.Duration
		want        drain.Result
		says        string
	}{
		"undone, and a machine is left": {2, 1, 30 * time.Second, drain.ResultLeft, "machines of the new one are left, cordoned: 17810000000003; next: deploy -app my-app -resume"},
		"finished, and it serves":       {1, 2, 0, drain.ResultFailed, "failed: my-app: nothing new was begun; the release that was found unfinished serves now"},
		"finished, and too many drain":  {1, 2, -1, drain.ResultFailed, "failed: my-app: nothing new was begun; the release that was found unfinished serves now; next: deploy -app my-app -drain"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app")
				s.generation("my-app", "", 0, 2, c.blue, "v1")
				s.generation("my-app", newer+"/1/2", 11*time.Minute, c.green, c.green, "v2")
				<-time.After(12 * time.Minute)
				s.connect("my-app", "app", "iad", 4, time.Hour)
				ctx, cancel := context.WithCancel(s.Context())
				defer cancel()
				if r.MaxDraining = 1; c.after >= 0 {
					s.onEvent(r, drain.EventCordoned, func(drain.Event) { s.after(c.after, cancel) })
				}
				report := s.ended(c.want, r.Deploy, ctx)
				if !strings.HasSuffix(report.String(), c.says) || c.after < 0 && !strings.HasPrefix(report.Why, "check: refused: ") {
					t.Errorf("%s, want %s: %s", report, c.says, report.Why)
				}
			})
		})
	}
}

func TestAResumeThatFinishesAReleaseAndThenSeesNothingSaysThatItServes(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 2, 1, "v1")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 2, 2, "v2")
		<-time.After(12 * time.Minute)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Status: 403, Message: "forbidden"})
			})
		})
		if report := s.ended(drain.ResultDraining, r.Resume, s.Context()); !strings.HasPrefix(report.String(), "draining: my-app: the new release serves; ") {
			t.Error(report)
		}
	})
}

func TestAFlyTomlThatCannotBeReadIsToldBeforeAnUnfinishedReleaseIsRepaired(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app")
		s.generation("my-app", "", 0, 2, 2, "v1")
		s.generation("my-app", newer+"/1/2", 11*time.Minute, 1, 1, "v2")
		<-time.After(12 * time.Minute)
		inner := r.Flyctl
		r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			if cmd.Args[0] == "config" {
				return flyctl.Result{ExitCode: 1, Stderr: []byte("Error: No local fly.toml found")}, nil
			}
			return inner(ctx, cmd)
		}
		s.deploy(drain.ResultFailed, r)
		s.wants("my-app", "app iad started v1", "app iad started v1", "app iad started v2")
	})
}
