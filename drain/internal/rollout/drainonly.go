package rollout

import (
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// drainOnly is the table for DrainOnly. It cordons and uncordons nothing.
func drainOnly(g facts.Goal, f facts.Facts, vs []standing.View) Decision {
	d := Decision{Phase: PhaseDrain}
	var mixed, kept, silent []string // machines
	waiting := f.InDoubt(vs[0].Now)
	n := 0
	for _, v := range vs {
		managed := v.List.Managed()
		open, thin := managed.Uncordoned(), managed.Thin()
		if v.Doubt {
			continue
		}
		if len(open) == 0 {
			kept, silent = append(kept, managed.Cordoned().IDs()...), append(silent, thin.IDs()...) // which of these serve is not known
			continue
		}
		if len(standing.ReleasesOf(open)) > 1 {
			mixed = append(mixed, managed.Cordoned().IDs()...)
			continue
		}
		going := v.Superseded(v.Drainable(managed), g.Resumed)
		silent = slices.Concat(silent, v.Superseded(thin.Without(going), g.Resumed).IDs(), v.List.Unknown().IDs())
		for _, m := range going {
			switch {
			case !v.Covered(m):
				kept = append(kept, m.ID)
			case v.Now.Before(v.Seen[m.ID].Cordoned.Add(g.Bake)):
				waiting, d.Until = true, earliest(d.Until, v.Seen[m.ID].Cordoned.Add(g.Bake))
			default:
				n++
				if len(v.StandbysOf(m)) == 0 {
					d.Run = append(d.Run, v.On(fleet.Drain, fleet.List{m})...)
				}
			}
		}
	}
	switch {
	case n == 0 && !d.Until.IsZero():
		d.Row, d.Why = "D2", fmt.Sprintf("keep old machines for %v, for a rollback", g.Bake)
	case n > 0 || waiting || len(kept) == 0 && flying(f, fleet.Drain):
		d.Row, d.Why = "D3", fmt.Sprintf("drain %s of releases that no longer serve", words.Plural(n, "machine"))
	case len(kept) > 0:
		d.Row, d.Why = "D4", "these machines are kept, because no other serves in their group and region: "+words.Few(kept)
		if !some(vs, func(v standing.View) bool { return v.Passing(standing.Empty) }) {
			d.Done = Person
		}
	default:
		d.Row, d.Done, d.Why = "D5", Reached, "nothing is left to drain"
		if len(mixed) > 0 {
			d.Row, d.Done, d.Why = RowMixed, Draining, "not draining these cordoned machines, because more than one release serves: "+words.Few(mixed)
		} else if len(silent) > 0 {
			d.Done, d.Why = Draining, "Fly cannot reach these machines, which may be old, so they are left: "+words.Few(silent)
		} else if some(vs, func(v standing.View) bool { return v.Doubt || len(v.GivenUp) > 0 }) {
			d.Done, d.Why = Draining, "some machines are left"
		}
	}
	return d
}
