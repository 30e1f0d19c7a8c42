package drain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestAutostopOfAMachineWithConnectionsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		world func(s *sim, w *draintest.World)
		says  string
	}{
		"idle":      {func(*sim, *draintest.World) {}, ""},
		"connected": {func(s *sim, w *draintest.World) { w.Connect("my-app", "app", "iad", 2, 0) }, "1 connection"},
		"unknown":   {func(s *sim, w *draintest.World) { w.Machine(w.Live("my-app")[0].ID).NoCat = true }, "unknown: no cat"},
		"connected a moment later": {func(s *sim, w *draintest.World) {
			s.after(time.Second, func() { s.connect("my-app", "app", "iad", 2, 0) })
		}, "1 connection"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2")
				var id string
				s.world(func(w *draintest.World) {
					w.Allow = []string{"S1"} // nothing takes this machine's place
					id = w.Live("my-app")[0].ID
				})
				steps := r.Steps(s.Context())
				if err := run(steps.Cordon, id); err != nil {
					t.Fatal(err)
				}
				s.world(func(w *draintest.World) { c.world(s, w) })
				err := run(steps.Autostop, id)
				if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q", err, c.says)
				}
			})
		})
	}
}

// TestAutostopIsRefusedWhereAConnectionOrAJobMayBeLeft has what Autostop must not take for idle.
func TestAutostopIsRefusedWhereAConnectionOrAJobMayBeLeft(t *testing.T) {
	for name, c := range map[string]struct {
		group string
		probe func(*sim, *drain.Release)
	}{
		"a sample of before the connection came": {"app", func(s *sim, r *drain.Release) {
			_, r.Probe = s.metrics()
			time.Sleep(16 * time.Second) // just after a scrape
			s.connect("my-app", "app", "iad", 2, time.Hour)
		}},
		"a worker with unfinished jobs": {"worker", func(s *sim, r *drain.Release) {
			r.WorkerProbe = probe.Exec{Command: "jobs"}
			s.world(func(w *draintest.World) {
				w.Images["registry.fly.io/my-app:v1"] = &draintest.Image{Exec: map[string]draintest.ExecAnswer{"jobs": {Stdout: "3\n"}}}
			})
		}},
		"a connection that comes before proxies know of the cordon": {"app", func(s *sim, r *drain.Release) {
			s.onEvent(r, drain.EventCordoned, func(drain.Event) {
				s.after(4*time.Second, func() { s.connect("my-app", "app", "iad", 2, time.Hour) })
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // by the cordon of one of few
				r := s.app("my-app", "app=iad:2", "worker=iad:2")
				c.probe(s, r)
				var id string
				s.world(func(w *draintest.World) {
					for _, m := range w.Live("my-app") {
						if m.Group() == c.group {
							id = m.ID
						}
					}
				})
				steps := r.Steps(s.Context())
				if err := run(steps.Cordon, id); err != nil {
					t.Fatal(err)
				}
				if err := run(steps.Autostop, id); err == nil {
					t.Error("its VM was replaced")
				}
			})
		})
	}
}
