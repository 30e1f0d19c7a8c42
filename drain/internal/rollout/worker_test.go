package rollout

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestAWorkerStaysWithTheLastMachineOfItsRelease(t *testing.T) {
	for _, c := range []struct {
		why, rows, drains, givenUp string
		aim                        Aim
		stays, left                bool
	}{
		{"one still drains", "b1 cordoned, b2 worker cordoned, g1", "b1", "", Forward, true, false},
		{"as it does for a later run", "b1 cordoned, b2 worker stopped cordoned, g1", "b1", "", DrainOnly, true, false},
		{"one has yet to begin", "b1 cordoned, b2 worker cordoned, g1", "", "", Forward, true, false},
		{"one of two is left for a later run", "b1 cordoned, b3 cordoned, b2 worker cordoned, g1", "", "b1", Forward, true, false},
		{"all are", "b1 cordoned, b2 worker cordoned, g1", "", "b1", Forward, true, true},
		{"its host cannot be reached, and it is waited for", "b1 cordoned unreachable, b2 worker cordoned, g1", "b1", "", Forward, true, false},
		{"its host cannot be reached", "b1 cordoned unreachable, b2 worker cordoned, g1", "", "", Forward, true, true},
		{"somebody is rolling back", "b1, b2 worker cordoned, g1", "", "", Forward, true, true},
		{"none is there any more", "b2 worker cordoned, g1", "", "", Forward, false, false},
		{"none but other workers", "b2 worker cordoned, b3 jobs cordoned, g1", "b3", "", Forward, false, false},
		{"what drains is of another release", "e1 cordoned, b2 worker cordoned, g1", "e1", "", Forward, false, false},
		{"one with services is no worker", "b1 cordoned, b2 cordoned, g1", "b1", "", Forward, false, false},
		{"nor is a standby", "b1 cordoned, b2 worker standby=b9 stopped cordoned, g1", "b1", "", Forward, false, false},
		{"it is gone", "b1 cordoned, g1", "b1", "", Forward, false, false},
	} {
		l := fleet.Believe(fleettest.Rows(c.rows), nobody)
		g := Goal{Aim: c.aim, Apps: []App{{Name: "one", ID: fleettest.Release(2)}}}
		f := Facts{Apps: []AppFacts{{GivenUp: map[string]error{c.givenUp: ErrChanged}}}, Flying: map[fleet.Command]time.Time{{App: "one", Verb: fleet.Drain, Machine: c.drains}: {}}}
		stays, left := WorkerStays(g, f, 0, l, "b2")
		if stays != c.stays || left != c.left {
			t.Errorf("%s: %s: it stays %v, it is left %v", c.why, c.rows, stays, left)
		}
	}
	// Green's go at once: the surplus, and all of it in Back.
	g := Goal{Apps: []App{{Name: "one", ID: fleettest.Release(2)}}}
	l := fleet.Believe(fleettest.Rows("b1 cordoned, g1, g2 worker cordoned"), nobody)
	if stays, left := WorkerStays(g, Facts{Apps: make([]AppFacts, 1)}, 0, l, "g2"); stays || left {
		t.Errorf("of green: it stays %v, it is left %v", stays, left)
	}
}
