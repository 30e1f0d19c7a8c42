package standing

import (
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestReplacedIsWhatIsCordonedWhereALaterReleaseServes(t *testing.T) {
	for _, c := range []struct{ why, rows, want string }{
		{"a later release serves", "e1 cordoned, b1 cordoned, g1", "e1 b1"},
		{"it is not a release of ours", "b1 cordoned, n1", "b1"},
		{"they are of none of ours", "u1 cordoned, b1", "u1"},
		{"so, and created in one second with what serves", "u1 cordoned born=0s, b1 born=0s", "u1"},
		{"what serves is of none of ours, and of that second", "b1 cordoned born=0s, u1 born=0s", ""},
		{"green is held", "e1 cordoned, b1, g1 cordoned", "e1"},
		{"green is held, and what serves is of none of ours", "u1, g1 cordoned", ""},
		{"somebody has cordoned a part of what serves", "b1 cordoned, b2", ""},
		{"a part of what serves, of none of ours", "u1 cordoned, u2", ""},
		{"somebody has uncordoned an old one too", "e1 cordoned, b1, b2 cordoned, g1", "e1 b2"},
		{"nothing serves", "b1 cordoned, g1 cordoned", ""},
		{"it is not managed", "x1 cordoned, b1 destroyed cordoned, g1", ""},
	} {
		l := fleet.Believe(fleettest.Rows(c.rows), func(string) *fleet.Machine { return nil })
		if got := strings.Join(Replaced(l).IDs(), " "); got != c.want {
			t.Errorf("%s (%s): %q, want %q", c.why, c.rows, got, c.want)
		}
	}
}
