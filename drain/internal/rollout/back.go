package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// goBack is the table for Back: blue serves as before, then green goes.
func goBack(g facts.Goal, f facts.Facts, vs []view) Decision {
	d := Decision{Phase: PhaseCutover}
	now := vs[0].now
	limit := backLimit(vs)
	if d.Cancel = before(f, f.Turned); len(d.Cancel) > 0 {
		d.Row, d.Why = "B1", "end the commands under way"
		return d
	}
	if run := each(vs, func(v view) []fleet.Command {
		asleep := v.toWake()
		return append(v.on(fleet.Start, asleep), v.on(fleet.Uncordon, v.toRestore().Without(asleep))...)
	}); len(run) > 0 {
		d.Row, d.Why, d.Run = "B2", fmt.Sprintf("uncordon blue again: %s", words.Plural(len(run), "machine")), run
		return d
	}
	if out := each(vs, view.toWithdraw); len(out) > 0 {
		known := f.Routing.Add(g.Spread)
		switch {
		case some(vs, view.restored) && now.Before(known):
			d.Row, d.Why, d.Until = "B3", fmt.Sprintf("wait %v for routing", g.Spread), known
		case !g.Promoted && !g.Resumed:
			d.Row, d.Why, d.Run = "B4", "hold green", out
		case f.Good >= 2:
			d.Row, d.Why, d.Run = "B5", "cordon green: blue alone is enough, seen twice in a row", out
		case f.Restored.IsZero() || now.Sub(f.Restored) < limit:
			d.Row, d.Why, d.Until = "B6", "wait until blue alone is enough, seen twice in a row", f.Restored.Add(limit)
		default:
			d.Row, d.Done = "B7", Person
			d.Why = "blue alone is not enough, so green serves beside it: " + g.Why
		}
		return d
	}
	if f.Still < 2 {
		d.Row, d.Why = "B8", "make sure that no more green machines appear" // it may be late in the list
		return d
	}
	late := now.Sub(f.Shut) >= limit
	if late {
		d.Cancel = before(f, now)
	}
	run := each(vs, view.going)
	unsure := some(vs, func(v view) bool { return v.passing(empty) || slices.ContainsFunc(v.Green, v.mayYetShow) })
	if waiting := len(run) > 0 && !late || unsure || flying(f, fleet.Drain, fleet.Destroy); waiting && !g.Rollback {
		d.Row, d.Phase, d.Why = "B8", PhaseDrain, "remove green: "+words.Plural(count(vs, func(v view) fleet.List { return v.Green }), "machine")
		if !late {
			d.Run, d.Until = run, f.Shut.Add(limit)
		}
		return d
	}
	d.Row, d.Done = RowUndone, Undone
	var unserved, may []string
	for _, v := range vs {
		unserved = append(unserved, v.unserved()...)
		may = append(may, v.open()...)
	}
	undone, left := "an unfinished release was undone", ""
	if len(may) > 0 {
		left = "; these machines of green could not be cordoned, and may serve: " + words.Few(may)
	}
	switch {
	case some(vs, func(v view) bool { return len(v.list.Pick(may).Uncordoned()) > 0 }):
		d.Done = Person
	case len(unserved) > 0:
		d.Done, left = Person, left+"; "+strings.Join(unserved, "; ")
	case some(vs, view.unrestored):
		d.Done = Person
	case g.Rollback:
		d.Done = Draining
	case some(vs, func(v view) bool { return len(v.Green) > 0 || len(v.mayBeLeft()) > 0 }) || !f.Doubted.IsZero():
		d.Done = Left
	}
	if d.Done == Person {
		undone = "an unfinished release could not be undone"
	}
	d.Why = cmp.Or(g.Why, undone) + left
	return d
}

func backLimit(vs []view) time.Duration {
	limit := backTimeout
	for _, v := range vs {
		limit = max(limit, v.HealthTimeout)
	}
	return limit
}

// restored reports whether this run has uncordoned blue again.
func (v view) restored() bool {
	return slices.ContainsFunc(v.Blue, func(m *fleet.Machine) bool { return v.Seen[m.ID].Restored })
}

// unrestored reports whether a blue machine could not be uncordoned again.
func (v view) unrestored() bool {
	return !v.overtaken() && slices.ContainsFunc(v.Blue.Cordoned(), func(m *fleet.Machine) bool {
		e := v.Seen[m.ID]
		return !e.Restored && (e.Given || !v.Before.Known())
	})
}

// going returns the commands that remove green. A machine that never served is destroyed
// at once, the others are drained. One that could serve in a place where nothing else
// does is kept.
func (v view) going() []fleet.Command {
	var out []fleet.Command
	for _, m := range v.Green.Cordoned() {
		if v.left(m) || v.mayYetShow(m) || m.CouldServe() && !v.covered(m) || len(v.standbysOf(m)) > 0 {
			continue
		}
		verb := fleet.Drain
		if v.neverServed(m) {
			verb = fleet.Destroy
		}
		out = append(out, fleet.Command{App: v.Name, Verb: verb, Machine: m.ID})
	}
	return out
}
