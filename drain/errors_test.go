package drain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// A program needs to know them without reading the text.
func TestAnErrorNamesItsAppMachineKindAndNextCommand(t *testing.T) {
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
