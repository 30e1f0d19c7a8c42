package standing

import (
	"errors"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
)

func TestAWorkerStaysWithTheLastMachineOfItsRelease(t *testing.T) {
	for _, c := range []struct {
		why, rows, drains, givenUp string
		aim                        facts.Aim
		stays, left                bool
	}{
		{"one still drains", "b1 cordoned, b2 worker cordoned, g1", "b1", "", facts.Forward, true, false},
		{"as it does for a later run", "b1 cordoned, b2 worker stopped cordoned, g1", "b1", "", facts.DrainOnly, true, false},
		{"one has yet to begin", "b1 cordoned, b2 worker cordoned, g1", "", "", facts.Forward, true, false},
		{"one of two is left for a later run", "b1 cordoned, b3 cordoned, b2 worker cordoned, g1", "", "b1", facts.Forward, true, false},
		{"all are", "b1 cordoned, b2 worker cordoned, g1", "", "b1", facts.Forward, true, true},
		{"its host cannot be reached, and it is waited for", "b1 cordoned unreachable, b2 worker cordoned, g1", "b1", "", facts.Forward, true, false},
		{"its host cannot be reached", "b1 cordoned unreachable, b2 worker cordoned, g1", "", "", facts.Forward, true, true},
		{"somebody is rolling back", "b1, b2 worker cordoned, g1", "", "", facts.Forward, true, true},
		{"none is there any more", "b2 worker cordoned, g1", "", "", facts.Forward, false, false},
		{"none but other workers", "b2 worker cordoned, b3 jobs cordoned, g1", "b3", "", facts.Forward, false, false},
		{"what drains is of another release", "e1 cordoned, b2 worker cordoned, g1", "e1", "", facts.Forward, false, false},
		{"one with services is not a worker", "b1 cordoned, b2 cordoned, g1", "b1", "", facts.Forward, false, false},
		{"nor is a standby", "b1 cordoned, b2 worker standby=b9 stopped cordoned, g1", "b1", "", facts.Forward, false, false},
		{"it is gone", "b1 cordoned, g1", "b1", "", facts.Forward, false, false},
	} {
		l := fleet.Believe(fleettest.Rows(c.rows), nobody)
		g := facts.Goal{Aim: c.aim, Apps: []facts.App{{Name: "one", ID: fleettest.Release(2)}}}
		f := facts.Facts{Apps: []facts.AppFacts{{GivenUp: map[string]error{c.givenUp: errors.New("no")}}}, Flying: map[fleet.Command]time.Time{{App: "one", Verb: fleet.Drain, Machine: c.drains}: {}}}
		stays, left := One(g, f, 0, l).WorkerStays("b2")
		if stays != c.stays || left != c.left {
			t.Errorf("%s: %s: it stays %v, it is left %v", c.why, c.rows, stays, left)
		}
	}
	// One that is kept, because nothing has served in its place for a minute, is not waited for.
	l := fleet.Believe(fleettest.Rows("b1 cordoned, b2 worker cordoned, g1 critical"), nobody)
	g := facts.Goal{Aim: facts.DrainOnly, Apps: []facts.App{{Name: "one", ID: fleettest.Release(2)}}}
	for lists, want := range map[int]bool{facts.Tries - 1: false, facts.Tries: true} {
		wrong := map[facts.Ailment]facts.Spell{{Kind: Empty, Place: l.Find("b1").Place()}: {Since: time.Time{}.Add(-minute), Lists: lists}}
		if stays, left := One(g, facts.Facts{Apps: []facts.AppFacts{{Wrong: wrong}}}, 0, l).WorkerStays("b2"); !stays || left != want {
			t.Errorf("nothing serves on %d lists: it stays %v, it is left %v", lists, stays, left)
		}
	}
	// Green's go at once: the surplus, and all of it in Back.
	g = facts.Goal{Apps: []facts.App{{Name: "one", ID: fleettest.Release(2)}}}
	l = fleet.Believe(fleettest.Rows("b1 cordoned, g1, g2 worker cordoned"), nobody)
	if stays, left := One(g, facts.Facts{Apps: make([]facts.AppFacts, 1)}, 0, l).WorkerStays("g2"); stays || left {
		t.Errorf("of green: it stays %v, it is left %v", stays, left)
	}
}

func nobody(string) *fleet.Machine { return nil }
