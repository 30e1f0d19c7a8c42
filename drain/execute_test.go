package drain_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestWhatBuildsReleaseCommandsAndDeploysPrintIsSentAsItIsPrinted(t *testing.T) {
	simulate(t, func(s *sim) {
		s.world(func(w *draintest.World) { w.BuildTime = time.Minute })
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		r.Apps[0].Dir, r.Apps[0].Image = s.dir(flyToml+"\n[deploy]\nrelease_command = \"migrate\"\n"), ""
		s.deploy(drain.ResultDone, r)
		var image string
		s.world(func(w *draintest.World) { image = w.Live("my-app")[0].Config.Image })

		printed := map[drain.Phase]string{}
		var phase drain.Phase
		var begun time.Time
		for _, e := range s.events {
			switch e.Kind {
			case drain.EventPhaseBegun:
				phase, begun = e.Phase, e.Time
			case drain.EventOutput:
				if e.App != "my-app" || e.Machine != "" || e.Output == "" {
					t.Errorf("%+v", e)
				}
				if strings.Contains(e.Output, "Building image") && e.Time.Sub(begun) > 10*time.Second {
					t.Errorf("%q was sent %v after the phase began", e.Output, e.Time.Sub(begun))
				}
				printed[phase] += e.Output + "\n"
			}
		}
		for phase, line := range map[drain.Phase]string{
			drain.PhaseBuild:   "image: " + image + "\n",
			drain.PhasePrepare: "Running my-app release_command: migrate\n",
		} {
			if !strings.Contains(printed[phase], line) {
				t.Errorf("%s printed no line %q:\n%s", phase, line, printed[phase])
			}
			delete(printed, phase)
		}
		if len(printed) > 0 {
			t.Errorf("lists, probes and the like are not to be sent: %v", printed)
		}
	})
}

// TestAReleaseCommandRunsOnceByItselfAlsoWhereADeployIsRepeated lets the first deploy
// that creates green fail, and the registry not know the image at first.
func TestAReleaseCommandRunsOnceByItselfAlsoWhereADeployIsRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		faults []*draintest.Fault
		want   drain.Result
		runs   int
	}{
		"nothing fails":             {want: drain.ResultDone, runs: 1},
		"a deploy is repeated":      {faults: []*draintest.Fault{{Command: "deploy", Call: "create", Status: 500, Message: "internal server error", Skip: 1, Times: 1}}, want: drain.ResultDone, runs: 1},
		"it has not begun":          {faults: []*draintest.Fault{{Command: "deploy", Call: "list", Status: 500, Message: "internal server error", Times: 1}}, want: drain.ResultDone, runs: 1},
		"it may have begun":         {faults: []*draintest.Fault{{Command: "deploy", Call: "create", Status: 500, Message: "internal server error", Times: 1}}, want: drain.ResultFailed, runs: 1},
		"flyctl cannot list at all": {faults: []*draintest.Fault{{Command: "deploy", Call: "list", Status: 500, Message: "internal server error"}}, want: drain.ResultFailed, runs: 0},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Apps[0].Dir = s.dir(flyToml + "\n[deploy]\nrelease_command = \"migrate\"\nstrategy = \"canary\"\n")
				s.world(func(w *draintest.World) { w.Faults = c.faults })
				s.deploy(c.want, r)
				said, announced := 0, 0
				for _, e := range s.of(drain.EventOutput) {
					said += strings.Count(e.Output, "Running my-app release_command: migrate")
					if strings.Contains(e.Output, "This deployment will") {
						announced++
					}
				}
				s.world(func(w *draintest.World) {
					lines := w.Lines("deploy")
					if said != c.runs || announced > 0 || !strings.Contains(lines[0], "--only-machines none --strategy rolling --detach --update-only --ha=false --yes") || strings.Contains(lines[0], "FLYDRAIN") {
						t.Errorf("it ran %d times, want %d; %d announcements; %v", said, c.runs, announced, lines)
					}
				})
			})
		})
	}
}

// Of 20 machines flyctl cordons two by one command. It waits a minute for a lease, and
// leaves the machine of its command that comes after it leased for two.
func TestALeaseThatNoListShowsDelaysOnlyTheOtherOfItsCommand(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:20")
		r.Background = true
		var leased string
		s.onCommand(r, drain.PhaseCutover, "machine cordon", 1, func() {
			s.world(func(w *draintest.World) {
				leased = w.Live("my-app")[12].ID
				w.Do(draintest.Action{Kind: "lease", Machine: leased, For: 70 * time.Second})
			})
		})
		var blue []string
		for _, e := range s.deploy(drain.ResultDone, r).Apps {
			blue = e.Blue
		}
		var first time.Time
		late, last := 0, time.Duration(0)
		for _, e := range s.of(drain.EventCordoned) {
			if !slices.Contains(blue, e.Machine) {
				continue
			}
			if first.IsZero() {
				first = e.Time
			}
			if last = max(last, e.Time.Sub(first)); e.Time.Sub(first) > 5*time.Second {
				late++
			} else if e.Machine == leased {
				t.Error("the lease held nobody up")
			}
		}
		if late != 2 || last > 3*time.Minute {
			t.Errorf("%d machines are late, the last after %v", late, last)
		}
	})
}

func TestACheckThatPanicsOrDoesNotReturnFailsTheRelease(t *testing.T) {
	hour := func() error { <-time.After(time.Hour); return nil }
	for name, c := range map[string]struct {
		check func() error
		limit time.Duration // of the context
		want  drain.Result
		says  string
		least time.Duration
	}{
		"it panics":                         {func() error { panic("boom") }, time.Hour, drain.ResultFailed, "the release's own check: my-app: Check panicked: boom (execute_test.go:", 0},
		"its time is over":                  {hour, time.Hour, drain.ResultFailed, "the release's own check: my-app: Check did not answer: context deadline exceeded", 10 * time.Minute},
		"the release is ended meanwhile":    {hour, 5 * time.Minute, drain.ResultLeft, "context deadline exceeded", 5 * time.Minute},
		"it says yes when its time is over": {func() error { <-time.After(10*time.Minute + time.Second); return nil }, time.Hour, drain.ResultDone, "", 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1")
				r.Check = func(context.Context, string, []flyctl.Machine) error { return c.check() }
				ctx, cancel := context.WithTimeout(s.Context(), c.limit)
				defer cancel()
				begun := time.Now()
				report, err := r.Deploy(ctx)
				if report.Result != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", report, err)
				}
				if took := time.Since(begun); took < c.least || took > c.least+90*time.Second {
					t.Errorf("after %v", took)
				}
				if c.want == drain.ResultFailed {
					s.wants("my-app", "app iad started v1")
				}
				<-time.After(time.Hour) // for what is left to itself
			})
		})
	}
}
