package rollout

import (
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestHowAProgramEndedIsToldUnlessItWasToldToEnd(t *testing.T) {
	for row, want := range map[string]string{
		"g1":              "",
		"g1 asked":        "",
		"g1 exit=0":       "; its program last ended with exit code 0",
		"g1 asked exit=3": "; its program last ended with exit code 3",
		"g1 oom":          "; its program last ended with exit code 137 (oom_killed: the machine ran out of memory)",
	} {
		if got := lastExit(fleet.Believe(fleettest.Rows(row), nobody)[0]); got != want {
			t.Errorf("%s: %q", row, got)
		}
	}
}
