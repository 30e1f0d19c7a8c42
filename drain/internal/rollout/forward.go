package rollout

import (
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// forward is the table for Forward: the first row that applies wins.
func forward(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	switch {
	case !f.Over.IsZero():
		return stands(g, f, vs)
	case g.Promoted:
		return cutOver(g, f, vs)
	}
	return prepare(g, f, vs)
}

// prepare is Forward before green is promoted: F1 to F7.
func prepare(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	d := Decision{Phase: phaseOf(g, f, vs)}
	now := vs[0].Now
	if failed(g, f, now, &d, fleet.Build, fleet.Release, fleet.Cordon, fleet.Check) {
		return d
	}
	if !g.Rollback {
		if anotherRun(vs, &d) {
			d.Row, d.Fail = "F2", true
			return d
		}
		holds := each(vs, standing.View.ToHold)
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
			d.Row, d.Until = "F4", f.Doubted.Add(fleet.ListLag)
			d.Why = fmt.Sprintf("flyctl lists fewer machines than there were: wait up to %v for a complete list", fleet.ListLag)
			if !now.Before(d.Until) {
				d.Fail, d.Cause = true, ErrChanged
				d.Why = fmt.Sprintf("for %v flyctl has listed fewer machines than there were: Fly has a fault, or somebody destroyed some", fleet.ListLag)
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
		return Decision{Row: "F6", Phase: PhaseGate, Why: "green is healthy, seen twice in a row", Done: Reached}
	}
	if g.Check && !f.Asked {
		return Decision{Row: "F6", Phase: PhaseGate, Run: []fleet.Command{{Verb: fleet.Check}}, Why: "ask the release's own check"}
	}
	return Decision{Row: RowPromote, Phase: PhaseCutover,
		Why: fmt.Sprintf("uncordon green: all %d healthy, seen twice in a row", count(vs, standing.View.Kept)),
		Run: on(vs, fleet.Uncordon, standing.View.Kept)}
}

// missingOlder finds a machine of the release to roll back to that is gone.
func missingOlder(vs []standing.View, d *Decision) bool {
	for _, v := range vs {
		for _, id := range v.Older {
			if m := v.List.Find(id); !v.Doubt && (m == nil || m.Gone()) {
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
func held(vs []standing.View) Decision {
	d := Decision{Row: "F5", Phase: PhasePrepare, Why: "green is created and held", Done: Reached}
	for _, v := range vs {
		for _, m := range v.Surplus() {
			if v.MayYetShow(m) {
				d.Done, d.Why = None, "wait until it is known whether the surplus machines have served"
			} else if v.NeverServed(m) && !v.Seen[m.ID].Destroyed {
				d.Done, d.Why = None, "destroy the surplus machines"
				d.Run = append(d.Run, v.On(fleet.Destroy, fleet.List{m})...)
			}
		}
	}
	return d
}

// gate is F5: green has to get well, all of it, on two lists in a row.
func gate(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	d := Decision{Row: "F5", Phase: PhaseGate, Why: "wait until green is healthy, seen twice in a row", Cause: ErrNotHealthy}
	for _, v := range vs {
		d.Run = append(d.Run, v.On(fleet.Start, v.Autostopped())...)
		for _, m := range v.Kept() {
			lack := v.Lacks(m)
			if e := v.Seen[m.ID]; e.Starts >= facts.Tries {
				d.Fail, d.Run, d.App, d.About = true, nil, v.Name, m.ID
				d.Why = fmt.Sprintf("machine %s of %s does not stay up: it was started %d times%s: see fly logs -a %s --machine %s", m.ID, v.Name, e.Starts+1, lastExit(m), v.Name, m.ID)
				return d
			}
			late := v.HealthTimeout > 0 && v.Now.Sub(since0(f, v)) > v.HealthTimeout
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
	d.confirm(f)
	return d
}

func since0(f facts.Facts, v standing.View) time.Time {
	if f.Ready.IsZero() {
		return v.Now
	}
	return f.Ready
}

// anotherRun finds a sign that the run of a straggler's release is alive: a machine of that
// release was held and is uncordoned again, or all of them are up and uncordoned. This run
// uncordons none of them.
func anotherRun(vs []standing.View, d *Decision) bool {
	for _, v := range vs {
		for _, m := range v.Removable(v.Stragglers.Uncordoned()) {
			own := v.List.Managed().Uncordoned().Where(func(o *fleet.Machine) bool { return o.Mark.ID == m.Mark.ID })
			again := own.Where(func(o *fleet.Machine) bool { return !v.Seen[o.ID].Held.IsZero() })
			up := own.Where(func(o *fleet.Machine) bool { return o.Healthy() || o.AutostartsFromRest() })
			if len(again) > 0 || len(up) == m.Mark.Machines {
				d.Cause, d.App, d.About = ErrChanged, v.Name, append(again, m)[0].ID
				d.Why = fmt.Sprintf("%s: another run is releasing this app, and has uncordoned machine %s", v.Name, d.About)
				return true
			}
		}
	}
	return false
}

// cutOver is Forward from green's promotion until the release stands: F8 to F14.
func cutOver(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	now := vs[0].Now
	d := Decision{Phase: PhaseCutover}
	if failed(g, f, now, &d, fleet.Cordon, fleet.Uncordon, fleet.Check) {
		return d
	}
	if trouble(vs, &d) {
		d.Row = "F8"
		switch {
		case every(vs, standing.View.WouldHold):
			d.Fail = true
			return d
		case !every(vs, func(v standing.View) bool { return v.Holds(v.Kept()) }):
			d.Why += ", and neither blue nor green is enough alone: nothing more is changed"
			d.Done = Person
			return d
		}
	}
	if waiting := on(vs, fleet.Uncordon, standing.View.ToUncordon); len(waiting) > 0 {
		d.Row, d.Why, d.Run = "F9", "uncordon the green machines that no list shows uncordoned", waiting
		return d
	}
	if known := f.Routing.Add(g.Spread); now.Before(known) {
		d.Row, d.Why, d.Until = "F10", fmt.Sprintf("wait %v for routing", g.Spread), known
		return d
	}
	if f.Good < 2 {
		d.Row, d.Why = "F11", "wait until green alone is enough, seen twice in a row"
		d.confirm(f)
		return d
	}
	if g.Check && !f.Asked {
		d.Row, d.Why, d.Run = "F12", "ask the release's own check", []fleet.Command{{Verb: fleet.Check}}
		return d
	}
	if out := due(f, on(vs, fleet.Cordon, standing.View.ToCordon), now); len(out) > 0 {
		d.Row, d.Run = "F13", out
		d.Why = fmt.Sprintf("cordon blue: green alone is enough, seen twice in a row, and routing has had %v to change", g.Spread)
		return d
	}
	d.Row, d.Why = "F14", "wait until the machine list shows blue cordoned and green serving"
	return d
}

// confirm asks for the second of two lists in a row, sooner than a list comes otherwise.
func (d *Decision) confirm(f facts.Facts) {
	if f.Good == 1 {
		d.Until = f.Listed.Add(confirmLag)
	}
}

// phaseOf is the phase before the promotion.
func phaseOf(g facts.Goal, f facts.Facts, vs []standing.View) Phase {
	switch {
	case g.Rollback:
		return PhaseCheck
	case some(vs, func(v standing.View) bool { return v.Image && !v.Making.Built }):
		return PhaseBuild
	case f.Ready.IsZero():
		return PhasePrepare
	}
	return PhaseGate
}
