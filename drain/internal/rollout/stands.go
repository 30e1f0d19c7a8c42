package rollout

import (
	"fmt"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// stands is Forward once the release stands: F15 to F20.
func stands(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	d := Decision{Phase: PhaseDrain}
	now := vs[0].Now
	if rescue(vs, &d) {
		return d
	}
	if len(f.Rescued) == 0 && every(vs, standing.View.WentBack) {
		d.Row, d.Done, d.Cause, d.Why = "F15", Undone, ErrChanged, "somebody has gone back to the old release, and it serves"
		if some(vs, func(v standing.View) bool { return len(v.Green) > 0 }) {
			d.Done = Left
		}
		return d
	}
	if g.Rollback {
		if run := each(vs, record); len(run) > 0 {
			d.Row, d.Why, d.Run = "F16", "make a release entry with the old image", run
			return d
		}
	}
	if late := each(vs, standing.View.Late); len(late) > 0 {
		d.Row, d.Run = "F16", late
		d.Why = "cordon what a run that died has created since"
		return d
	}
	left := count(vs, standing.View.Leaving)
	if g.Background {
		d.Row, d.Done = "F17", Reached
		d.Why = fmt.Sprintf("green serves; a later run drains %s of blue", words.Plural(left, "machine"))
		return d
	}
	if end := f.Over.Add(g.Bake); now.Before(end) {
		d.Row, d.Until, d.Why = RowBake, end, fmt.Sprintf("keep all of blue for %v, for a rollback", g.Bake)
		return d
	}
	return drain(d, f, vs)
}

// rescue is F15: places that nothing serves. It fills in the decision, and reports whether
// there are any.
func rescue(vs []standing.View, d *Decision) bool {
	var places []string
	for _, v := range vs {
		places = append(places, v.Unserved()...)
		for _, a := range v.Spells(standing.Empty) {
			rest := v.Blue.Cordoned().Where(func(m *fleet.Machine) bool { return m.Place() == a.Place && !v.Ended(fleet.Uncordon, m.ID) })
			d.Run = append(d.Run, v.On(fleet.Uncordon, rest)...)
			d.Cancel = append(d.Cancel, v.On(fleet.Drain, rest.Where(func(m *fleet.Machine) bool { return v.Drains(m.ID) }))...)
		}
	}
	if len(places) == 0 {
		return false
	}
	d.Row, d.Why, d.Cause = "F15", strings.Join(places, "; "), ErrNotHealthy
	switch {
	case every(vs, standing.View.WouldHold) && !some(vs, standing.View.BlueDestroyed):
		d.Fail, d.Run, d.Cancel = true, nil, nil
	case len(d.Run) == 0:
		d.Done = Person
		d.Why += ", and nothing is left there to uncordon"
	default:
		d.Why += ": uncordon what is left of blue there"
	}
	return true
}

// drain is F19 and F20: drain what leaves, then end.
func drain(d Decision, f facts.Facts, vs []standing.View) Decision {
	left := count(vs, standing.View.Leaving)
	unsure := f.InDoubt(vs[0].Now) || some(vs, standing.View.Unsure)
	if left > 0 || unsure || flying(f, fleet.Drain) {
		d.Row, d.Why = "F19", fmt.Sprintf("drain %s, and destroy each when it is idle", words.Plural(left, "machine"))
		d.Run = on(vs, fleet.Drain, standing.View.MayLeave)
		return d
	}
	d.Row, d.Done, d.Why = "F20", Reached, "nothing is left to do"
	var behind []string
	for _, v := range vs {
		behind = append(behind, v.LeftBehind()...)
	}
	switch {
	case len(f.Rescued) > 0:
		d.Done, d.Why = Person, "machines of blue serve again, as nothing else did in their place: "+words.Few(f.Rescued)
	case some(vs, standing.View.WentBack):
		d.Done, d.Why = Person, "somebody has gone back to the old release in some of the apps, and the new one serves in the others"
	case len(behind) > 0:
		d.Done, d.Why = Draining, "old machines are left, or may be: "+words.Few(behind)
	}
	return d
}

func record(v standing.View) []fleet.Command {
	c := fleet.Command{App: v.Name, Verb: fleet.Record}
	if _, tried := v.Tries[c]; tried {
		return nil
	}
	return []fleet.Command{c}
}
