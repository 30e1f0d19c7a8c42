package drain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestWhatIsKnownOfAllAppsIsOfOneTime has an app whose list takes half a
// minute, before blue is cordoned, and green of another that falls ill meanwhile.
func TestWhatIsKnownOfAllAppsIsOfOneTime(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.three()
		first, second := r.Apps[0].Name, r.Apps[1].Name
		s.onEvent(r, drain.EventUncordoned, func(drain.Event) {
			s.world(func(w *draintest.World) {
				w.At(w.Now.Add(25*time.Second), draintest.Action{Kind: "sick", App: first, Group: "app", Green: true})
			})
			s.after(5*time.Second, func() {
				s.world(func(w *draintest.World) {
					w.Faults = append(w.Faults, &draintest.Fault{Command: "machine list", App: second, Slow: 30 * time.Second, Times: 1})
				})
			})
		})
		report := s.deploy(drain.ResultFailed, r)
		for _, e := range s.of(drain.EventCordoned) {
			if e.App == first && slices.Contains(report.Apps[0].Blue, e.Machine) {
				t.Errorf("blue machine %s was cordoned", e.Machine)
			}
		}
	})
}
