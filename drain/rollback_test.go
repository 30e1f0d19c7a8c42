package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestARollbackPassesGenerations has three releases that drain: the one before is not
// whole any more, and its workers are of no account.
func TestARollbackPassesGenerations(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		for _, tag := range []string{"v2", "v3", "v4"} {
			s.deploy(drain.ResultDone, background(s.again(r, tag)))
			s.connect("my-app", "app", "iad", 4, time.Hour)
		}
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				if m.Config.Image == "registry.fly.io/my-app:v3" && m.Group() == "app" {
					w.HangUp(m.ID, 9)
					w.Do(draintest.Action{Kind: "destroy", Machine: m.ID})
					return
				}
			}
		})
		s.ended(drain.ResultDone, s.again(r, "").Rollback, s.Context())
		s.wants("my-app", v2...)
	})
}

// TestARollbackStartsTheWorkers has machines with connections drain beside a worker,
// which is stopped at once.
func TestARollbackStartsTheWorkers(t *testing.T) {
	for name, back := range map[string]bool{"that stopped with the cutover": true, "and without one they go with the last machine": false} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:2", "worker=iad:1")
				s.connect("my-app", "app", "iad", 2, time.Hour)
				ctx, cancel := context.WithTimeout(s.Context(), 20*time.Minute)
				defer cancel()
				s.ended(drain.ResultDraining, r.Deploy, ctx)
				s.wants("my-app", append(v2, "app iad started v1 cordoned", "app iad started v1 cordoned", "worker iad stopped v1 cordoned")...)
				if back {
					s.ended(drain.ResultDone, s.again(r, "").Rollback, s.Context())
					s.wants("my-app", "app iad started v1", "app iad started v1", "worker iad started v1")
					return
				}
				late := s.again(r, "")
				late.Deadline = time.Minute
				report := s.ended(drain.ResultDraining, late.Drain, s.Context())
				if !strings.Contains(report.Why, "worker 17810000000003 of my-app is stopped, and kept as long as machines of its release are") {
					t.Error(report.Why)
				}
				s.ended(drain.ResultDone, s.again(r, "").Drain, s.Context())
				s.wants("my-app", v2...)
			})
		})
	}
}
