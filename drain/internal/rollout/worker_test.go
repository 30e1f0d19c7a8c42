package rollout

import (
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/fleettest"
	"github.com/flydrain/flydrain/drain/internal/standing"
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
		f := facts.Facts{Apps: []facts.AppFacts{{GivenUp: map[string]error{c.givenUp: ErrChanged}}}, Flying: map[fleet.Command]time.Time{{App: "one", Verb: fleet.Drain, Machine: c.drains}: {}}}
		stays, left := WorkerStays(g, f, 0, l, "b2")
		if stays != c.stays || left != c.left {
			t.Errorf("%s: %s: it stays %v, it is left %v", c.why, c.rows, stays, left)
		}
	}
	// One that is kept, because nothing has served in its place for a minute, is not waited for.
	l := fleet.Believe(fleettest.Rows("b1 cordoned, b2 worker cordoned, g1 critical"), nobody)
	g := facts.Goal{Aim: facts.DrainOnly, Apps: []facts.App{{Name: "one", ID: fleettest.Release(2)}}}
	for lists, want := range map[int]bool{facts.Tries - 1: false, facts.Tries: true} {
		wrong := map[facts.Ailment]facts.Spell{{Kind: standing.Empty, Place: l.Find("b1").Place()}: {Since: time.Time{}.Add(-minute), Lists: lists}}
		if stays, left := WorkerStays(g, facts.Facts{Apps: []facts.AppFacts{{Wrong: wrong}}}, 0, l, "b2"); !stays || left != want {
			t.Errorf("nothing serves on %d lists: it stays %v, it is left %v", lists, stays, left)
		}
	}
	// Green's go at once: the surplus, and all of it in Back.
	g = facts.Goal{Apps: []facts.App{{Name: "one", ID: fleettest.Release(2)}}}
	l = fleet.Believe(fleettest.Rows("b1 cordoned, g1, g2 worker cordoned"), nobody)
	if stays, left := WorkerStays(g, facts.Facts{Apps: make([]facts.AppFacts, 1)}, 0, l, "g2"); stays || left {
		t.Errorf("of green: it stays %v, it is left %v", stays, left)
	}
}

// A worker is stopped before it is destroyed, and a run that goes back starts it.
func TestBlueWhoseWorkersAreStoppedIsNotWhatItWas(t *testing.T) {
	over := cordoned("", "b1, b3 worker", "g1, g3 worker") + "list b1 cordoned, b3 worker cordoned, g1, g3 worker → F19 drain b1 b3\n"
	ill := func(blue string) string {
		return "list " + blue + ", g1 critical, g3 worker → F19\n+30s again → F19\n+30s again → "
	}
	stories(t, map[string]string{
		"F15: its drain has stopped a worker":        over + "begin\n" + ill("b1 cordoned, b3 worker cordoned stopped asked") + "F15 cancel drain b1",
		"F15: it has, and could not destroy it":      over + "begin\nend drain b3: no\n" + ill("b1 cordoned, b3 worker cordoned stopped asked") + "F15 cancel drain b1",
		"F15: the worker runs":                       over + "begin\n" + ill("b1 cordoned, b3 worker cordoned") + "F15 fail",
		"F15: the worker runs, and its drain failed": over + "begin\nend drain b3: no\n" + ill("b1 cordoned, b3 worker cordoned") + "F15 fail",
		"F15: what has services can be stopped":      over + "begin\n" + ill("b1 cordoned stopped autostart, b3 worker cordoned") + "F15 fail",
		"F15: a worker whose drain goes on has gone": over + "begin\n" + ill("b1 cordoned, b3 worker cordoned destroyed") + "F15 cancel drain b1",
		"F15: the list lacks a worker whose drain goes on": over + `
			begin
			list b1 cordoned, g1 critical, g3 worker → F19
			+15s again → F19
			+30s again → F19
			+30s again → F15 cancel drain b1
		`,
		"F15: a late list shows what was destroyed": over + `
			begin
			end drain b1
			list b1 cordoned, b3 worker cordoned, g1 critical, g3 worker → F19
			+30s again → F19
			+30s again → F15 …
			says uncordon what is left of blue there
		`,
		"F15: the list of another app lacks a worker that drains": cordoned("", "b1 apps=2 | b2 apps=2, b3 worker apps=2", "g1 apps=2 | g2 apps=2, g3 worker apps=2") + `
			list b1 cordoned apps=2, g1 apps=2 | b2 cordoned apps=2, b3 worker cordoned apps=2, g2 apps=2, g3 worker apps=2 → F19 …
			begin
			list b1 cordoned apps=2, g1 critical apps=2 | b2 cordoned apps=2, b3 worker cordoned apps=2, g2 apps=2, g3 worker apps=2 → F19
			+30s again → F19
			+30s list b1 cordoned apps=2, g1 critical apps=2 | b2 cordoned apps=2, g2 apps=2, g3 worker apps=2 → F15 fail
		`,
		"F15: somebody has stopped it before it drains": cordoned("bake=1h", "b1, b3 worker", "g1, g3 worker") + `
			list b1 cordoned, b3 worker cordoned, g1, g3 worker → F18
			list b1 cordoned, b3 worker cordoned stopped asked, g1 critical, g3 worker → F18
			+30s again → F18
			+30s again → F15 fail
		`,
		"F13 F15: of a release that another run began": `
			resume from b1 cordoned, b2, g1, g2
			list b1 cordoned, b2, g1, g2 → F10
			+10s again → F13 cordon b2
			do
			list b1 cordoned, b2 cordoned, g1, g2 → F19 drain b1 b2
			list b1 cordoned, b2 cordoned, g1 critical, g2 critical → F19
			+30s again → F19
			+30s again → F15 fail
		`,
	})
}

// What another run has stopped is started before it is uncordoned, and nothing else is.
func TestARunThatGoesBackStartsTheWorkersThatWereStopped(t *testing.T) {
	found := func(b3, do string) string {
		rows := "b1 cordoned, b2, " + b3 + ", g1, g2 cordoned"
		return "resume from " + rows + "\nlist " + rows + " → B2 " + do + "\n"
	}
	stories(t, map[string]string{
		"B2: a worker": found("b3 worker stopped asked cordoned", "start b3, uncordon b1") + `
			do
			list b1, b2, b3 worker cordoned, g1, g2 cordoned → B2 uncordon b3
		`,
		"B2: it cannot be started": found("b3 worker stopped asked cordoned", "start b3, uncordon b1") + `
			begin
			end uncordon b1
			end start b3: no
			+5s list b1, b2, b3 worker stopped asked cordoned, g1, g2 cordoned → B2 start b3
			begin
			end start b3: no
			+5s again → B2 start b3
			begin
			end start b3: no
			+5s again → B2 uncordon b3
		`,
		"B2: a worker that runs":       found("b3 worker cordoned", "uncordon b1 b3"),
		"B2: a worker that runs again": found("b3 worker asked cordoned", "uncordon b1 b3"),
		"B2: a job that has ended":     found("b3 worker stopped exit=0 cordoned", "uncordon b1 b3"),
		"B2: what has services":        found("b3 stopped asked autostart cordoned", "uncordon b1 b3"),
		"B2: a standby":                found("b3 worker stopped asked standby=b2 cordoned", "uncordon b1 b3"),
		"B2: a run's own, which somebody has stopped": cordoned("", "b1, b3 worker", "g1, g3 worker") + `
			list b1, b3 worker cordoned stopped asked, g1 critical, g3 worker → F10
			+30s again → F11
			+30s again → F8 fail
			turn
			again → B2 uncordon b1 b3
		`,
	})
}
