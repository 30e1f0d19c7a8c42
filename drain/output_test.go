package drain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
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
