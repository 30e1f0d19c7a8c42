package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// goBack is the table for Back: blue serves as before, then green goes.
func goBack(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	d := Decision{Phase: PhaseCutover}
	now := vs[0].Now
	limit := backLimit(vs)
	if d.Cancel = before(f, f.Turned); len(d.Cancel) > 0 {
		d.Row, d.Why = "B1", "end the commands under way"
		return d
	}
	if alive(f, vs, &d) {
		return d
	}
	if run := each(vs, func(v standing.View) []fleet.Command {
		asleep := v.ToWake()
		return append(v.On(fleet.Start, asleep), v.On(fleet.Uncordon, v.ToRestore().Without(asleep))...)
	}); len(run) > 0 {
		d.Row, d.Why, d.Run = "B2", fmt.Sprintf("uncordon blue again: %s", words.Plural(len(run), "machine")), run
		return d
	}
	if out := each(vs, standing.View.ToWithdraw); len(out) > 0 {
		known := f.Routing.Add(g.Spread)
		switch {
		case some(vs, standing.View.Restored) && now.Before(known):
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
	run := each(vs, standing.View.Going)
	unsure := some(vs, func(v standing.View) bool {
		return v.Passing(standing.Empty) || slices.ContainsFunc(v.Green, v.MayYetShow)
	})
	if waiting := len(run) > 0 && !late || unsure || flying(f, fleet.Drain, fleet.Destroy); waiting && !g.Rollback {
		d.Row, d.Phase, d.Why = "B8", PhaseDrain, "remove green: "+words.Plural(count(vs, func(v standing.View) fleet.List { return v.Green }), "machine")
		if !late {
			d.Run, d.Until = run, f.Shut.Add(limit)
		}
		return d
	}
	d.Row, d.Done = RowUndone, Undone
	var unserved, may []string
	for _, v := range vs {
		unserved = append(unserved, v.Unserved()...)
		may = append(may, v.Open()...)
	}
	undone, left := "an unfinished release was undone", ""
	if len(may) > 0 {
		left = "; these machines of green could not be cordoned, and may serve: " + words.Few(may)
	}
	switch {
	case some(vs, func(v standing.View) bool { return len(v.List.Pick(may).Uncordoned()) > 0 }):
		d.Done = Person
	case len(unserved) > 0:
		d.Done, left = Person, left+"; "+strings.Join(unserved, "; ")
	case some(vs, standing.View.Unrestored):
		d.Done = Person
	case g.Rollback:
		d.Done = Draining
	case some(vs, func(v standing.View) bool { return len(v.Green) > 0 || len(v.MayBeLeft()) > 0 }) || !f.Doubted.IsZero():
		d.Done = Left
	}
	if d.Done == Person {
		undone = "an unfinished release could not be undone"
	}
	d.Why = cmp.Or(g.Why, undone) + left
	return d
}

// alive finds a sign that the run whose release is undone is at work: then this one stops,
// and until it is believed does nothing. It fills in the decision, and reports whether
// there is one.
func alive(f facts.Facts, vs []standing.View, d *Decision) bool {
	for _, v := range vs {
		if lasting := v.Spells(standing.Alive); len(lasting) > 0 {
			d.Row, d.Done, d.Cause, d.App, d.About = "B1", Left, ErrChanged, v.Name, lasting[0].Machine
			d.Why = fmt.Sprintf("%s: another run is at work on this release, and has uncordoned machine %s: wait for it to finish, or stop it", v.Name, d.About)
			return true
		}
	}
	if some(vs, func(v standing.View) bool { return v.Passing(standing.Alive) }) {
		d.Row, d.Why, d.Cancel = "B1", "see whether another run is at work on this release", underWay(f, fleet.Drain, fleet.Destroy)
		return true
	}
	return false
}

func backLimit(vs []standing.View) time.Duration {
	limit := backTimeout
	for _, v := range vs {
		limit = max(limit, v.HealthTimeout)
	}
	return limit
}
