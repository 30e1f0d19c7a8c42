package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// forward is the table for Forward: the first row that applies wins.
func forward(g Goal, f Facts, vs []view) Decision {
	switch {
	case !f.Over.IsZero():
		return stands(g, f, vs)
	case g.Promoted:
		return cutOver(g, f, vs)
	}
	return prepare(g, f, vs)
}

// prepare is Forward before green is promoted: F1 to F7.
func prepare(g Goal, f Facts, vs []view) Decision {
	d := Decision{Phase: phaseOf(g, f, vs)}
	now := vs[0].now
	if failed(g, f, now, &d, fleet.Build, fleet.Release, fleet.Cordon, fleet.Check) {
		return d
	}
	if !g.Rollback {
		if anotherRun(vs, &d) {
			d.Row, d.Fail = "F2", true
			return d
		}
		holds := each(vs, view.toHold)
		making := create(f, vs)
		if len(holds) > 0 || flying(f, fleet.Cordon, fleet.Rest) {
			d.Row, d.Phase, d.Run, d.Why = "F2", PhasePrepare, append(holds, making.Run...), "hold green until all of it is healthy"
			return d
		}
		if trouble(vs, &d) {
			d.Row, d.Fail = "F3", true
			return d
		}
		if !f.Doubted.IsZero() {
			d.Row, d.Until = "F4", f.Doubted.Add(ListLag)
			d.Why = fmt.Sprintf("flyctl lists fewer machines than there were: wait up to %v for a complete list", ListLag)
			if !now.Before(d.Until) {
				d.Fail, d.Cause = true, ErrChanged
				d.Why = fmt.Sprintf("for %v flyctl has listed fewer machines than there were: Fly has a fault, or somebody destroyed some", ListLag)
			}
			return d
		}
		if making.Row != "" {
			return making
		}
	} else if trouble(vs, &d) || missingOlder(vs, &d) {
		d.Row, d.Fail = "F3", true
		return d
	}
	if g.HeldOnly {
		return held(vs)
	}
	if f.Good < 2 {
		return gate(g, f, vs)
	}
	if g.WellOnly {
		return Decision{Row: "F6", Phase: PhaseGate, Why: "green is healthy on two lists", Done: Reached}
	}
	if g.Check && !f.Asked {
		return Decision{Row: "F6", Phase: PhaseGate, Run: []fleet.Command{{Verb: fleet.Check}}, Why: "ask the release's own check"}
	}
	return Decision{Row: RowPromote, Phase: PhaseCutover,
		Why: fmt.Sprintf("uncordon green: all %d healthy on 2 lists", count(vs, view.kept)),
		Run: each(vs, func(v view) []fleet.Command { return v.on(fleet.Uncordon, v.kept()) })}
}

// missingOlder finds a machine of the release to roll back to that is gone.
func missingOlder(vs []view, d *Decision) bool {
	for _, v := range vs {
		for _, id := range v.Older {
			if m := v.list.Find(id); !v.Doubt && (m == nil || m.Gone()) {
				d.Cause, d.App, d.About = ErrNotHealthy, v.Name, id
				d.Why = fmt.Sprintf("machine %s of %s is gone", id, v.Name)
				return true
			}
		}
	}
	return false
}

// held ends the goal of green that is only created and held. A surplus machine is
// destroyed if it never served, and stays held if it may have.
func held(vs []view) Decision {
	d := Decision{Row: "F5", Phase: PhasePrepare, Why: "green is created and held", Done: Reached}
	for _, v := range vs {
		for _, m := range v.surplus() {
			if v.mayYetShow(m) {
				d.Done, d.Why = None, "wait until it is known whether the surplus machines have served"
			} else if v.neverServed(m) && !v.Seen[m.ID].Destroyed {
				d.Done, d.Why = None, "destroy the surplus machines"
				d.Run = append(d.Run, v.on(fleet.Destroy, fleet.List{m})...)
			}
		}
	}
	return d
}

// gate is F5: green has to get well, all of it, on two lists in a row.
func gate(g Goal, f Facts, vs []view) Decision {
	d := Decision{Row: "F5", Phase: PhaseGate, Why: "wait until green is healthy on two lists in a row", Cause: ErrNotHealthy}
	for _, v := range vs {
		d.Run = append(d.Run, v.on(fleet.Start, v.autostopped())...)
		for _, m := range v.kept() {
			lack := v.lacks(m)
			if e := v.Seen[m.ID]; e.Starts >= tries {
				d.Fail, d.Run, d.App, d.About = true, nil, v.Name, m.ID
				d.Why = fmt.Sprintf("machine %s of %s does not stay up: it was started %d times%s: see fly logs -a %s --machine %s", m.ID, v.Name, e.Starts+1, lastExit(m), v.Name, m.ID)
				return d
			}
			late := v.HealthTimeout > 0 && v.now.Sub(since0(f, v)) > v.HealthTimeout
			if lack != "" && late {
				d.Fail, d.Run, d.App, d.About = true, nil, v.Name, m.ID
				d.Why = fmt.Sprintf("machine %s of %s (%s) %s, %v after green was created%s", m.ID, v.Name, m.Place(), lack, v.HealthTimeout, lastExit(m))
				return d
			}
			if lack != "" {
				d.Why = fmt.Sprintf("wait until green is healthy: machine %s of %s %s", m.ID, v.Name, lack)
			}
		}
		if v.HealthTimeout > 0 {
			d.Until = earliest(d.Until, since0(f, v).Add(v.HealthTimeout))
		}
	}
	return d
}

func since0(f Facts, v view) time.Time {
	if f.Ready.IsZero() {
		return v.now
	}
	return f.Ready
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// anotherRun finds a sign that another run is at work: a straggler that was held is
// uncordoned again, or all machines of its release are up and uncordoned. This run
// uncordons no straggler.
func anotherRun(vs []view, d *Decision) bool {
	for _, v := range vs {
		open := v.removable(v.Stragglers.Uncordoned())
		for _, m := range open {
			up := open.Where(func(o *fleet.Machine) bool { return o.Mark.ID == m.Mark.ID && o.Healthy() })
			if !v.Seen[m.ID].Held.IsZero() || len(up) == m.Mark.Machines {
				d.Cause, d.App, d.About = ErrChanged, v.Name, m.ID
				d.Why = fmt.Sprintf("%s: another run is releasing this app, and has uncordoned machine %s", v.Name, m.ID)
				return true
			}
		}
	}
	return false
}

// cutOver is Forward from green's promotion until the release stands: F8 to F14.
func cutOver(g Goal, f Facts, vs []view) Decision {
	now := vs[0].now
	d := Decision{Phase: PhaseCutover}
	if failed(g, f, now, &d, fleet.Cordon, fleet.Uncordon, fleet.Check) {
		return d
	}
	if trouble(vs, &d) {
		d.Row = "F8"
		switch {
		case every(vs, view.wouldHold):
			d.Fail = true
			return d
		case !every(vs, func(v view) bool { return v.holds(v.kept()) }):
			d.Why += ", and neither blue nor green is enough alone: nothing more is changed"
			d.Done = Person
			return d
		}
	}
	if waiting := each(vs, func(v view) []fleet.Command { return v.on(fleet.Uncordon, v.kept().Cordoned()) }); len(waiting) > 0 {
		d.Row, d.Why, d.Run = "F9", "uncordon the green machines that no list shows uncordoned", waiting
		return d
	}
	if known := f.Routing.Add(g.Spread); now.Before(known) {
		d.Row, d.Why, d.Until = "F10", fmt.Sprintf("wait %v for routing", g.Spread), known
		return d
	}
	if f.Good < 2 {
		d.Row, d.Why = "F11", "wait until green alone is enough on two lists in a row"
		return d
	}
	if g.Check && !f.Asked {
		d.Row, d.Why, d.Run = "F12", "ask the release's own check", []fleet.Command{{Verb: fleet.Check}}
		return d
	}
	if out := due(f, each(vs, func(v view) []fleet.Command { return v.on(fleet.Cordon, v.toCordon()) }), now); len(out) > 0 {
		d.Row, d.Run = "F13", out
		d.Why = fmt.Sprintf("cordon blue: green alone is enough on 2 lists, and %v have passed since routing changed", g.Spread)
		return d
	}
	d.Row, d.Why = "F14", "wait for lists that show blue cordoned and green serving"
	return d
}

// stands is Forward once the release stands: F15 to F20.
func stands(g Goal, f Facts, vs []view) Decision {
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
	left := count(vs, view.leaving)
	if g.Background {
		d.Row, d.Done = "F17", Reached
		d.Why = fmt.Sprintf("green serves; a later run drains %s of blue", plural(left, "machine"))
		return d
	}
	if end := f.Over.Add(g.Bake); now.Before(end) {
		d.Row, d.Until, d.Why = RowBake, end, fmt.Sprintf("keep all of blue for %v, for a rollback", g.Bake)
		return d
	}
	return drain(d, "F19", "F20", f, vs)
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

// drain is the last rows of Forward: drain what leaves, then end.
func drain(d Decision, row, last string, f Facts, vs []view) Decision {
	left := count(vs, view.leaving)
	unsure := f.inDoubt(vs[0].now) || some(vs, view.unsure)
	if left > 0 || unsure || flying(f, fleet.Drain) {
		d.Row, d.Why = row, fmt.Sprintf("drain %s, and destroy each when it is idle", plural(left, "machine"))
		d.Run = each(vs, func(v view) []fleet.Command { return v.on(fleet.Drain, v.mayLeave()) })
		return d
	}
	d.Row, d.Done, d.Why = last, Reached, "nothing is left to do"
	var behind []string
	for _, v := range vs {
		behind = append(behind, v.leftBehind()...)
	}
	switch {
	case len(f.Rescued) > 0:
		d.Done, d.Why = Person, "machines of blue serve again, as nothing else did in their place: "+Few(f.Rescued)
	case len(behind) > 0:
		d.Done, d.Why = Draining, "machines of blue are left, or may be: "+Few(behind)
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

// leaving returns the machines that are to be drained.
func (v view) leaving() fleet.List {
	return slices.Concat(v.Blue, v.Earlier, v.Stragglers, v.surplus()).Cordoned().Where(func(m *fleet.Machine) bool { return !v.left(m) })
}

// left reports whether a machine is left as it is, because it was given up, or because
// the standby was that would start in its place.
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
		return v.serves(m.Place()) && len(v.standbysOf(m)) == 0
	})
}

// serves reports whether a place needs no serving machine, or has one.
func (v view) serves(p fleet.Place) bool { return v.floor()[p] == 0 || v.list.Serving()[p] > 0 }

// standbysOf returns the resting machines on the list that stand in for m.
func (v view) standbysOf(m *fleet.Machine) fleet.List {
	return v.list.Managed().Where(func(o *fleet.Machine) bool {
		return o.Stopped() && slices.Contains(o.Config.Standbys, m.ID)
	})
}

// unsure reports whether the lists show something that is not believed yet: a place
// without a serving machine, or blue uncordoned again. It also looks at the list by
// which the release stands.
func (v view) unsure() bool {
	return v.passing(empty) || slices.ContainsFunc(v.Blue.Uncordoned(), func(m *fleet.Machine) bool {
		a := Ailment{Kind: Retaken, Machine: m.ID}
		return !v.lasts(a, v.Wrong[a])
	})
}

// leftBehind returns the machines of the old release that stay, or may: somebody has
// taken them back, they were given up, or they cannot be reached, are not listed, or no
// list has said what they are.
func (v view) leftBehind() []string {
	ids := slices.Concat(v.Blue.Where(func(m *fleet.Machine) bool { return m.Thin }).IDs(), v.list.Unknown().IDs(), slices.Collect(maps.Keys(v.GivenUp)))
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

// flyingOn returns the commands under way on some machines.
func (v view) flyingOn(ms fleet.List) []fleet.Command {
	var out []fleet.Command
	for c := range v.flying {
		if ms.Has(c.Machine) {
			out = append(out, c)
		}
	}
	return out
}

// phaseOf is the phase before the promotion.
func phaseOf(g Goal, f Facts, vs []view) Phase {
	switch {
	case g.Rollback:
		return PhaseCheck
	case some(vs, func(v view) bool { return v.Image && !v.Making.Built }):
		return PhaseBuild
	case f.Ready.IsZero():
		return PhasePrepare
	}
	return PhaseGate
}
