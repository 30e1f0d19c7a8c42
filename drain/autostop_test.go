package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

func TestAutostopOfAMachineWithConnectionsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		world func(s *sim, r *drain.Release, id string)
		says  string
	}{
		"idle":      {func(*sim, *drain.Release, string) {}, ""},
		"connected": {func(s *sim, _ *drain.Release, _ string) { s.connect("my-app", "app", "iad", 2, 0) }, "1 connection"},
		"unknown": {func(s *sim, _ *drain.Release, id string) {
			s.world(func(w *draintest.World) { w.Machine(id).NoCat = true })
		}, "unknown: no cat"},
		"connected at the second look": {func(_ *sim, r *drain.Release, id string) {
			looks := -1
			r.Probe = probe.Func(func(context.Context, *flyctl.Client, []flyctl.Machine) map[string]probe.Reading {
				looks++
				return map[string]probe.Reading{id: probe.Known(looks)}
			})
		}, "1 connection"},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				s.allow("S1") // nothing takes this machine's place
				r := s.app("my-app", "app=iad:2")
				id := s.ids("v1")[0]
				c.world(s, r, id)
				steps := r.Steps(s.Context())
				if err := run(steps.Cordon, id); err != nil {
					t.Fatal(err)
				}
				err := run(steps.Autostop, id)
				s.world(func(w *draintest.World) {
					updated := w.Counts["machine update"] > 0
					if updated != (c.says == "") || updated != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
						t.Errorf("updated: %v, and got %v, want %q", updated, err, c.says)
					}
				})
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
