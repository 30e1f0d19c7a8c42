package drain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// beside returns an app of which a machine serves, and another is cordoned.
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

func TestCordonIsRefusedUntilRoutingKnowsOfAnUncordon(t *testing.T) {
	simulate(t, func(s *sim) {
		r, old, fresh := s.beside()
		steps := r.Steps(s.Context())
		if err := run(steps.Uncordon, fresh); err != nil {
			t.Fatal(err)
		}
		uncordoned := time.Now()
		<-time.After(6 * time.Second)
		err := run(steps.Cordon, old)
		refused := (*drain.Error)(nil)
		if !errors.As(err, &refused) || refused.Kind != drain.ErrRefused || refused.App != "my-app" || refused.Machine != fresh {
			t.Fatalf("%v", err)
		}
		if !strings.Contains(err.Error(), "for another 4s: put AwaitRouting before Cordon") {
			t.Error(err)
		}
		s.world(func(w *draintest.World) {
			if lines := w.Lines("machine cordon"); len(lines) > 0 {
				t.Errorf("%q", lines)
			}
		})
		if err := run(steps.AwaitRouting, fresh); err != nil || time.Since(uncordoned) != 10*time.Second {
			t.Errorf("routing is known after %v: %v", time.Since(uncordoned), err)
		}
		if err := run(steps.Cordon, old); err != nil {
			t.Error(err)
		}
		if err := run(steps.AwaitRouting, old); err != nil || time.Since(uncordoned) < 20*time.Second {
			t.Errorf("a cordon changes routing too, and it is known after %v: %v", time.Since(uncordoned), err)
		}
	})
}

// TestCordonIsRefusedAfterAnUncordonThatFailed has one that worked all the same.
func TestCordonIsRefusedAfterAnUncordonThatFailed(t *testing.T) {
	simulate(t, func(s *sim) {
		r, old, fresh := s.beside()
		s.world(func(w *draintest.World) {
			w.Faults = append(w.Faults, &draintest.Fault{Command: "machine uncordon", Status: 403, Message: "forbidden", AfterEffect: true})
		})
		steps := r.Steps(s.Context())
		if err := run(steps.Uncordon, fresh); !errors.Is(err, flyctl.ErrUnauthorized) {
			t.Fatal(err)
		}
		if err := run(steps.Cordon, old); !errors.Is(err, drain.ErrRefused) {
			t.Error(err)
		}
	})
}

// TestWhatWasJustUncordonedCanBeCordonedAgain has canaries that are taken back.
func TestWhatWasJustUncordonedCanBeCordonedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		cordons []string
		refused bool
	}{
		"both":                     {[]string{"one two"}, false},
		"one of both":              {[]string{"one"}, false},
		"both, and one of the old": {[]string{"one two old"}, false},
		"one, and one of the old":  {[]string{"one old"}, true},
		"both, and then an old":    {[]string{"one two", "old"}, false}, // nothing was uncordoned that still is
		"one, and then an old":     {[]string{"one", "old"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:4")
				ids := s.ids("v1")
				id := map[string]string{"one": ids[0], "two": ids[1], "old": ids[2]}
				steps := r.Steps(s.Context())
				s.world(func(w *draintest.World) {
					for _, id := range ids[:2] {
						w.Do(draintest.Action{Kind: "cordon", Machine: id})
					}
					w.Allow = []string{"S1"} // fewer serve than at first
				})
				if err := run(steps.Uncordon, ids[:2]...); err != nil {
					t.Fatal(err)
				}
				var err error
				for _, names := range c.cordons {
					var these []string
					for _, name := range strings.Fields(names) {
						these = append(these, id[name])
					}
					err = errors.Join(err, run(steps.Cordon, these...))
				}
				if errors.Is(err, drain.ErrRefused) != c.refused || !c.refused && err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestWithoutAPropagationTimeNothingIsWaitedFor(t *testing.T) {
	simulate(t, func(s *sim) {
		s.allow("S1") // proxies do need it
		r, old, fresh := s.beside()
		r.Propagation = drain.None
		steps := r.Steps(s.Context())
		begun := time.Now()
		if err := errors.Join(run(steps.Uncordon, fresh), run(steps.AwaitRouting, fresh), run(steps.Cordon, old)); err != nil || time.Since(begun) > 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// TestRoutingIsAwaitedForChangesOnly has steps that have changed nothing, and none.
func TestRoutingIsAwaitedForChangesOnly(t *testing.T) {
	simulate(t, func(s *sim) {
		r, serves, cordoned := s.beside()
		steps := r.Steps(s.Context())
		begun := time.Now()
		if err := run(steps.AwaitRouting, serves); err != nil || time.Since(begun) > 0 {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if err := run(steps.Uncordon, cordoned); err != nil {
			t.Fatal(err)
		}
		begun = time.Now()
		if err := run(steps.AwaitRouting); err != nil || time.Since(begun) > 0 {
			t.Errorf("no machines, after %v: %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeoutCause(s.Context(), 5*time.Second, errors.New("enough"))
		defer cancel()
		other := r.Steps(ctx)
		if err := run(other.Cordon, serves); err != nil { // its own cordon
			t.Fatal(err)
		}
		if err := run(other.AwaitRouting, serves); err == nil || err.Error() != "enough" {
			t.Errorf("its context has ended: %v", err)
		}
	})
}

// TestADeadlineOfNoneHasPassedAtTheFirstLook keeps a machine that is not idle then.
func TestADeadlineOfNoneHasPassedAtTheFirstLook(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.draining(2, func(i int) time.Duration { return time.Duration(i) * time.Hour }) // the first is idle
		r.Deadline = drain.None
		ids := s.ids("v1")
		steps := r.Steps(s.Context())
		begun := time.Now()
		if err := run(steps.AwaitIdle, ids[1]); !errors.Is(err, drain.ErrNotIdle) || time.Since(begun) > 5*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// TestTheImageOfAnAppIsReleasedByEachStep builds none where there is one.
func TestTheImageOfAnAppIsReleasedByEachStep(t *testing.T) {
	const v2, shared = "registry.fly.io/my-app:v2", "registry.fly.io/shared:v7"
	for name, c := range map[string]struct{ image, toml, want string }{
		"its own":                       {v2, flyToml, v2},
		"its own, not that of fly.toml": {v2, flyToml + "\n[build]\nimage = \"" + shared + "\"\n", v2},
		"that of fly.toml":              {"", flyToml + "\n[build]\nimage = \"" + shared + "\"\n", shared},
		"one that is built":             {"", flyToml, "registry.fly.io/my-app:flydrain-"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1", "worker=iad:1")
				r.Apps[0].Image, r.Apps[0].Dir = c.image, s.dir(c.toml)
				steps := r.Steps(s.Context())
				image, err := steps.Build().String()
				if err != nil || !strings.HasPrefix(image, c.want) || !strings.HasSuffix(image, "\n") {
					t.Errorf("built %q: %v", image, err)
				}
				green, err := steps.Green("").Slice()
				if err != nil || len(green) != 2 {
					t.Fatal(green, err)
				}
				s.world(func(w *draintest.World) {
					for _, id := range green {
						if image := w.Machine(id).Config.Image; !strings.HasPrefix(image, c.want) {
							t.Errorf("%s runs %s", id, image)
						}
					}
					builds := strings.Count(strings.Join(w.Lines("deploy"), "\n"), "--build-only")
					if want := map[bool]int{true: 2}[c.want[len(c.want)-1] == '-']; builds != want { // by Build, and by Green
						t.Errorf("%d builds, want %d", builds, want)
					}
				})
			})
		})
	}
}

// TestTheImageThatGreenIsGivenWins over the app's.
func TestTheImageThatGreenIsGivenWins(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		if err := drain.Run(r.Steps(s.Context()).Green("registry.fly.io/my-app:v3\n")); err != nil {
			t.Error(err)
		}
		<-time.After(3 * time.Second) // what was created last is up
		s.wants("my-app", "app iad started v1", "worker iad started v1", "app iad started v3 cordoned", "worker iad started v3 cordoned")
	})
}

// TestAnErrorHasItsFacts has what a program needs to know, without reading the text.
func TestAnErrorHasItsFacts(t *testing.T) {
	simulate(t, func(s *sim) {
		r, serves, cordoned := s.beside()
		r.HealthTimeout = 5 * time.Second
		s.connect("my-app", "app", "iad", 1, 0)
		ghost := "178100000000ff"
		steps := r.Steps(s.Context())
		cordon := "fly machine cordon -a my-app " + serves
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "sick", Machine: cordoned}) })
		for name, c := range map[string]struct {
			err     error
			machine string
			kind    error
			next    []string
		}{
			"stop":          {run(steps.Stop, serves), serves, drain.ErrRefused, nil},
			"destroy":       {run(steps.Destroy, serves), serves, drain.ErrRefused, nil},
			"await idle":    {run(steps.AwaitIdle, serves), serves, drain.ErrRefused, []string{cordon}},
			"autostop":      {run(steps.Autostop, serves), serves, drain.ErrRefused, []string{cordon}},
			"await healthy": {run(steps.AwaitHealthy, cordoned), cordoned, drain.ErrNotHealthy, nil},
			"uncordon":      {run(steps.Uncordon, ghost), ghost, flyctl.ErrMachineNotFound, nil},
			"cordon all":    {run(steps.Cordon, serves, cordoned), "", drain.ErrRefused, nil},
		} {
			e := (*drain.Error)(nil)
			if !errors.As(c.err, &e) {
				t.Errorf("%s: %T %v", name, c.err, c.err)
				continue
			}
			if e.App != "my-app" || e.Machine != c.machine || e.Kind != c.kind || !errors.Is(c.err, c.kind) || fmt.Sprint(e.Next) != fmt.Sprint(c.next) {
				t.Errorf("%s: %+v", name, *e)
			}
			if want := strings.Join(append([]string{c.kind.Error() + ": " + e.Why}, e.Next...), ": "); e.Error() != want {
				t.Errorf("%s: got  %s\nwant %s", name, e, want)
			}
		}
	})
}

// TestARunDoesNotWriteToItsRelease has several runs of one value side by side.
func TestARunDoesNotWriteToItsRelease(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.Apps[0].Args, r.Propagation = make([]string, 0, 9), 20*time.Second
		s.world(func(w *draintest.World) { w.LimitsOff = true }) // each run keeps them for itself
		s.connect("my-app", "app", "iad", 4, 3*time.Minute)
		var no error
		r.Check = func(context.Context, string, []flyctl.Machine) error { return no }
		was := fmt.Sprintf("%+v", *r)
		var runs sync.WaitGroup
		for name, do := range map[string]func(context.Context) (drain.Report, error){"deploy": r.Deploy, "drain": r.Drain, "resume": r.Resume} {
			runs.Go(func() {
				if name != "deploy" {
					<-time.After(3 * time.Second)
				}
				if report, err := do(s.Context()); report.Result != drain.ResultDone || err != nil {
					t.Errorf("%s: %s: %v", name, report, err)
				}
			})
		}
		if _, err := r.Plan(s.Context(), drain.OperationDeploy); err != nil {
			t.Error(err)
		}
		runs.Wait()
		s.wants("my-app", v2...)
		no = errors.New("no")
		s.deploy(drain.ResultFailed, r)
		if is := fmt.Sprintf("%+v", *r); is != was {
			t.Errorf("it was %s\nand is %s", was, is)
		}
	})
}
