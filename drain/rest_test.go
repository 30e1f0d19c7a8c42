package drain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

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

func TestAPlanSaysWhatIsAtRestAndStopsIt(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:2")
		s.world(func(w *draintest.World) { w.Do(draintest.Action{Kind: "stop", Machine: w.Live("my-app")[2].ID}) })
		<-time.After(10 * time.Second)
		plan, err := r.Plan(context.Background(), drain.OperationDeploy)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"#   1 of worker in iad of shared-cpu-1x:256MB: blue has 1, at rest: stopped as soon as it is created\n", "flyctl machine stop green3 --app my-app\n"} {
			if !strings.Contains(plan.Script(), line) {
				t.Errorf("no %q in\n%s", line, plan.Script())
			}
		}
		s.deploy(drain.ResultDone, r)
		s.wants("my-app", "app iad started v2", "worker iad started v2", "worker iad stopped v2")
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
