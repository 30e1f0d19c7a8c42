package drain_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate has a group without
// checks: that it runs is all there is to go by.
func TestAWorkerThatCrashesAfterSomeSecondsDoesNotPassTheGate(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "worker=iad:1")
		r.Apps[0].Dir = s.dir("app = \"my-app\"\nprimary_region = \"iad\"\n\n[processes]\nworker = \"work\"\n")
		s.world(func(w *draintest.World) { w.Images[r.Apps[0].Image] = &draintest.Image{CrashAfter: 5 * time.Second} })
		report, err := r.Deploy(context.Background())
		if report.Result != drain.ResultFailed || err == nil || !strings.Contains(err.Error(), "stay up") {
			t.Errorf("%s: %v", report.Result, err)
		}
		s.wants("my-app", "worker iad started v1")
	})
}

// TestGreenThatIsHealthyOnOneListOnlyDoesNotPassTheGate falls ill just after the first
// list on which it is healthy.
func TestGreenThatIsHealthyOnOneListOnlyDoesNotPassTheGate(t *testing.T) {
	for name, gate := range map[string]func(r *drain.Release) error{
		"of a release": func(r *drain.Release) error { _, err := r.Deploy(context.Background()); return err },
		"of a pipe": func(r *drain.Release) error {
			s := r.Steps(context.Background())
			return drain.Run(s.Green(""), s.AwaitHealthy, s.Uncordon)
		},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(s *sim) {
				r := s.app("my-app", "app=iad:1")
				s.world(func(w *draintest.World) { w.Boot = 20 * time.Second }) // flyctl's deploy has ended by then
				s.onEvent(r, drain.EventHealthy, func(e drain.Event) {
					s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "sick", Machine: e.Machine}) })
				})
				err := gate(r)
				s.world(func(w *draintest.World) {
					if n := w.Counts["machine uncordon"]; n > 0 || !errors.Is(err, drain.ErrNotHealthy) {
						t.Errorf("%d were uncordoned: %v", n, err)
					}
				})
			})
		})
	}
}

// TestAStopByTheProxyIsNoCrash has two, each also a new start.
func TestAStopByTheProxyIsNoCrash(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		s.onPhase(r, drain.PhaseGate, func() {
			s.world(func(w *draintest.World) {
				stop := draintest.Action{Kind: "autostop", App: "my-app", Group: "app", Green: true}
				w.At(w.Now.Add(1500*time.Millisecond), stop)
				w.At(w.Now.Add(8*time.Second), stop)
			})
		})
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}

func TestGreenMayTakeItsTimeWhereThereIsNoLimit(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:1")
		r.HealthTimeout = drain.None
		s.world(func(w *draintest.World) { w.Health = 6 * time.Minute })
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", v2...)
	})
}

// TestTheSmokeTimeIsNotDatedFromBeforeTheStart has a list that is slow.
func TestTheSmokeTimeIsNotDatedFromBeforeTheStart(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		s.world(func(w *draintest.World) { w.Boot = 14 * time.Second })
		s.onPhase(r, drain.PhaseGate, func() {
			s.world(func(w *draintest.World) {
				w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", Slow: 16 * time.Second, Times: 1})
			})
		})
		r.Check = func(_ context.Context, _ string, green []flyctl.Machine) error {
			for _, m := range green {
				for _, e := range m.Events {
					if ran := time.Since(time.UnixMilli(e.Timestamp)); e.Type == "start" && m.Group() == "worker" && ran < 10*time.Second {
						t.Errorf("the worker has run for %v, and the smoke time is 10s", ran)
					}
				}
			}
			return errors.New("no")
		}
		s.deploy(drain.ResultFailed, r)
	})
}

func TestAProgramThatEndsWithZeroIsReleased(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1,lhr:1")
		s.world(func(w *draintest.World) {
			w.Images[r.Apps[0].Image] = &draintest.Image{WorkersEnd: time.Second}
		})
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "worker iad stopped v2", "worker lhr stopped v2")
		s.world(func(w *draintest.World) {
			if lines := w.Lines("machine start"); len(lines) > 0 {
				t.Errorf("it was started again: %v", lines)
			}
		})
		// Again, when blue has ended: it is at rest, and green is stopped as it is created.
		s.deploy(drain.ResultDone, s.again(r, "v3"))
		s.wants("my-app", "app iad started v3", "worker iad stopped v3", "worker lhr stopped v3")
	})
}

func TestAPipeDoesNotStartWhatBlueHadAtRest(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2", "worker=iad:2")
		s.world(func(w *draintest.World) {
			for _, i := range []int{1, 3} {
				w.Do(draintest.Action{Kind: "stop", Machine: w.Live("my-app")[i].ID})
			}
		})
		<-time.After(10 * time.Second)
		steps := r.Steps(s.Context())
		if err := drain.Run(steps.Green(""), steps.AwaitHealthy); err != nil {
			t.Fatal(err)
		}
		s.wants("my-app", "app iad started v1", "app iad started v2 cordoned", "app iad stopped v1", "app iad stopped v2 cordoned",
			"worker iad started v1", "worker iad started v2 cordoned", "worker iad stopped v1", "worker iad stopped v2 cordoned")
		s.world(func(w *draintest.World) {
			if lines := w.Lines("machine start"); len(lines) > 0 {
				t.Errorf("it was started: %v", lines)
			}
		})
	})
}
