package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// stands is Forward once the release stands: F15 to F20.
func stands(g facts.Goal, f facts.Facts, vs []view) Decision {
	d := Decision{Phase: PhaseDrain}
	now := vs[0].now
	if rescue(vs, &d) {
		return d
	}
	if g.Rollback {
		if run := each(vs, view.record); len(run) > 0 {
			d.Row, d.Why, d.Run = "F16", "make a release entry with the old image", run
			return d
		}
	}
	if late := each(vs, view.late); len(late) > 0 {
		d.Row, d.Run = "F16", late
		d.Why = "cordon what a run that died has created since"
		return d
	}
	left := count(vs, view.leaving)
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

// unserved says which places have needed a serving machine and had none for so long that
// it is believed.
func (v view) unserved() []string {
	var out []string
	for _, a := range v.spells(empty) {
		out = append(out, fmt.Sprintf("%s: nothing serves in %s", v.Name, a.Place))
	}
	return out
}

// rescue is F15: places that nothing serves. It fills in the decision, and reports whether
// there are any.
func rescue(vs []view, d *Decision) bool {
	var places []string
	for _, v := range vs {
		places = append(places, v.unserved()...)
		for _, a := range v.spells(empty) {
			rest := v.Blue.Cordoned().Where(func(m *fleet.Machine) bool { return m.Place() == a.Place && !v.ended(fleet.Uncordon, m.ID) })
			d.Run = append(d.Run, v.on(fleet.Uncordon, rest)...)
			d.Cancel = append(d.Cancel, v.flyingOn(rest)...)
		}
	}
	if len(places) == 0 {
		return false
	}
	d.Row, d.Why, d.Cause = "F15", strings.Join(places, "; "), ErrNotHealthy
	switch {
	case every(vs, view.wouldHold) && !some(vs, view.blueDestroyed):
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
func drain(d Decision, f facts.Facts, vs []view) Decision {
	left := count(vs, view.leaving)
	unsure := f.InDoubt(vs[0].now) || some(vs, view.unsure)
	if left > 0 || unsure || flying(f, fleet.Drain) {
		d.Row, d.Why = "F19", fmt.Sprintf("drain %s, and destroy each when it is idle", words.Plural(left, "machine"))
		d.Run = each(vs, func(v view) []fleet.Command { return v.on(fleet.Drain, v.mayLeave()) })
		return d
	}
	d.Row, d.Done, d.Why = "F20", Reached, "nothing is left to do"
	var behind []string
	for _, v := range vs {
		behind = append(behind, v.leftBehind()...)
	}
	switch {
	case len(f.Rescued) > 0:
		d.Done, d.Why = Person, "machines of blue serve again, as nothing else did in their place: "+words.Few(f.Rescued)
	case len(behind) > 0:
		d.Done, d.Why = Draining, "old machines are left, or may be: "+words.Few(behind)
	}
	return d
}

func (v view) record() []fleet.Command {
	c := fleet.Command{App: v.Name, Verb: fleet.Record}
	if _, tried := v.tries[c]; tried {
		return nil
	}
	return []fleet.Command{c}
}

// late returns the cordons of stragglers that have come since the release stands, and that
// the floor does not need. One that was held before was uncordoned by somebody, and stays.
func (v view) late() []fleet.Command {
	return v.on(fleet.Cordon, v.removable(v.Stragglers.Uncordoned()).Where(func(m *fleet.Machine) bool {
		return v.Seen[m.ID].Held.IsZero() && !v.ended(fleet.Cordon, m.ID)
	}))
}

// leaving returns the machines that are to be drained.
func (v view) leaving() fleet.List {
	return v.drainable(slices.Concat(v.Blue, v.Earlier, v.Stragglers, v.surplus())).Where(func(m *fleet.Machine) bool { return !v.left(m) })
}

// drainable returns those of some machines that can be drained: what is shown cordoned.
// Where machines are stopped at their deadline, it is also what Fly cannot reach, was last
// shown cordoned, and is not needed: Fly destroys it when it can.
func (v view) drainable(some fleet.List) fleet.List {
	return some.Where(func(m *fleet.Machine) bool {
		return m.Cordoned && (!m.Thin || v.StopLate && !m.Reachable() && v.covered(m) && !v.Seen[m.ID].Destroyed)
	})
}

// left reports whether a machine is left as it is: it was given up, or its standby was,
// which would start in its place.
func (v view) left(m *fleet.Machine) bool {
	_, left := v.GivenUp[m.ID]
	return left || slices.ContainsFunc(v.standbysOf(m), func(o *fleet.Machine) bool { _, left := v.GivenUp[o.ID]; return left })
}

// mayLeave returns the machines that may be drained now. It keeps a machine that is the
// last that could serve in a place that needs one. It keeps one whose standby is still
// there, because the standby would start.
func (v view) mayLeave() fleet.List {
	leaving := v.leaving()
	return leaving.Where(func(m *fleet.Machine) bool {
		return v.covered(m) && len(v.standbysOf(m)) == 0
	})
}

// covered reports whether the place of a machine needs no serving machine, or has one. A
// floor does not count what cannot be reached, so the place of such a machine needs one
// where any machine there has a service.
func (v view) covered(m *fleet.Machine) bool {
	p := m.Place()
	needs := v.floor()[p] > 0 || m.Thin && v.list.Managed().Where(func(o *fleet.Machine) bool { return o.Place() == p }).HasServices()
	return !needs || v.list.Serving()[p] > 0
}

// standbysOf returns the resting machines on the list that stand in for m.
func (v view) standbysOf(m *fleet.Machine) fleet.List {
	return v.list.Where(func(o *fleet.Machine) bool { // few stand in, and it is asked of each machine
		return slices.Contains(o.Config.Standbys, m.ID) && o.Stopped()
	}).Managed()
}

// unsure reports whether the lists show something that is not believed yet: a place
// without a serving machine, or blue uncordoned again. It also looks at the list by
// which the release stands.
func (v view) unsure() bool {
	return v.passing(empty) || slices.ContainsFunc(v.Blue.Uncordoned(), func(m *fleet.Machine) bool {
		a := facts.Ailment{Kind: Retaken, Machine: m.ID}
		return !v.lasts(a, v.Wrong[a])
	})
}

// leftBehind returns the machines of the old release that stay, or may: somebody has
// taken them back, they were given up, or they cannot be reached, are not listed, or no
// list has said what they are.
func (v view) leftBehind() []string {
	old := slices.Concat(v.Blue, v.Earlier, v.Stragglers)
	ids := slices.Concat(old.Thin().IDs(), v.Stragglers.Uncordoned().IDs(), v.list.Unknown().IDs(), slices.Collect(maps.Keys(v.GivenUp)))
	for _, a := range v.spells(Retaken) {
		ids = append(ids, a.Machine)
	}
	for id, e := range v.Seen {
		if !e.Missing.IsZero() && !e.Gone {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// blueDestroyed reports whether blue cannot be what it was: one of its machines is gone,
// or this run has stopped one of its workers.
func (v view) blueDestroyed() bool {
	return slices.ContainsFunc(v.Before.Blue, func(id string) bool {
		e, m := v.Seen[id], v.list.Find(id)
		_, left := v.GivenUp[id]
		return e.Destroyed || e.Gone || (v.drains(id) || left) && m != nil && m.Stopped() && m.Worker()
	})
}
