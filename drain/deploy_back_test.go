package drain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// TestWhereSomebodyGoesBackInOneOfTwoAppsTheOtherDrainsAndAPersonDecides has an app in which
// the old release serves again, and one in which only the new one does.
func TestWhereSomebodyGoesBackInOneOfTwoAppsTheOtherDrainsAndAPersonDecides(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.apps(2, "app=iad:2")
		s.connect("app-1", "app", "iad", 4, 20*time.Minute)
		s.onPhase(r, drain.PhaseDrain, func() {
			s.world(func(w *draintest.World) {
				for i, m := range w.Live("app-0") {
					w.Do(draintest.Action{Kind: []string{"uncordon", "uncordon", "cordon", "cordon"}[i], Machine: m.ID})
				}
			})
		})
		report := s.deploy(drain.ResultPerson, r)
		if !strings.Contains(report.Why, "the old release in some of the apps") || strings.Contains(report.String(), "the old release serves") {
			t.Errorf("it says %s: %s", report, report.Why)
		}
		next := "fly machine uncordon -a app-0 " + strings.Join(report.Apps[0].Green, " ") + "  # release " + report.Release
		if got := strings.Join(report.Next, "\n"); got != next {
			t.Errorf("next is\n%s\nwant\n%s", got, next)
		}
		s.wants("app-1", "app iad started v2", "app iad started v2")
		s.obey(r, next)
		s.ended(drain.ResultDone, s.again(r, "").Resume, s.Context())
		s.wants("app-0", "app iad started v2", "app iad started v2")
	})
}
