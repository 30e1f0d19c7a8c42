package drain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestACordonDoubtsAListThatLacksItsMachine has lists that lack it for a while, or
// all machines for ever: what is not listed would be left out as gone.
func TestACordonDoubtsAListThatLacksItsMachine(t *testing.T) {
	for view, times := range map[string]int{"short": 5, "empty": 0} {
		t.Run(view, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // by the cordon of one of two
				r := s.app("my-app", "app=iad:2,lhr:2")
				steps := r.Steps(s.Context())
				ids, err := steps.Machines().Slice()
				if err != nil {
					t.Fatal(err)
				}
				far := ""
				s.world(func(w *draintest.World) {
					for _, id := range ids {
						if w.Machine(id).Region == "lhr" {
							far = id
						}
					}
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", View: view, Region: "lhr", Times: times})
				})
				err = run(steps.Cordon, far)
				s.world(func(w *draintest.World) {
					if m := w.Machine(far); (err == nil) != m.Cordoned || m.Cordoned != (view == "short") {
						t.Errorf("cordoned is %v, and the error: %v", m.Cordoned, err)
					}
				})
			})
		})
	}
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
