package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestGreenIsHeldWhileFlyctlIsStillAtWork has a deploy that waits for its machine
// to listen, as flyctl does: by then the machine would take traffic.
func TestGreenIsHeldWhileFlyctlIsStillAtWork(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "app=iad:2,lhr:1", "worker=iad:1")
		s.world(func(w *draintest.World) {
			w.Boot, w.Health = 3*time.Second, 3*time.Second
			w.Serve(draintest.Load{App: "my-app", Every: 100 * time.Millisecond, Min: time.Second, Max: 20 * time.Second, Until: w.Now.Add(time.Minute)})
		})
		s.deploy(drain.Done, only(app))
		s.world(func(w *draintest.World) {
			for _, e := range w.Exposures() {
				t.Errorf("green %s took traffic for %v before the gate, and %d connections landed", e.Machine, e.Time, e.Landed)
			}
		})
	})
}

// TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate has a group without
// checks: that it runs is all there is to go by.
func TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate(t *testing.T) {
	simulate(t, func(s *sim) {
		app := s.app("my-app", "worker=iad:1")
		app.Dir = s.dir("app = \"my-app\"\nprimary_region = \"iad\"\n\n[processes]\nworker = \"work\"\n")
		s.world(func(w *draintest.World) { w.Images[app.Image] = &draintest.Image{CrashAfter: 5 * time.Second} })
		report, err := (&drain.Release{Apps: []*drain.App{app}}).Deploy(context.Background())
		if report.Result != drain.Failed || err == nil || !strings.Contains(err.Error(), "stay up") {
			t.Errorf("%s: %v", report.Result, err)
		}
		s.wants("my-app", "worker iad started v1")
	})
}
