package rollout

import (
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/words"
)

// drainOnly is the table for DrainOnly. It cordons and uncordons nothing.
func drainOnly(g facts.Goal, f facts.Facts, vs []view) Decision {
	d := Decision{Phase: PhaseDrain}
	var mixed, kept, silent []string // machines
	waiting := f.InDoubt(vs[0].now)
	n := 0
	for _, v := range vs {
		managed := v.list.Managed()
		open, thin := managed.Uncordoned(), managed.Thin()
		if v.Doubt {
			continue
		}
		if len(open) == 0 {
			kept, silent = append(kept, managed.Cordoned().IDs()...), append(silent, thin.IDs()...) // which of these serve is not known
			continue
		}
		if len(releasesOf(open)) > 1 {
			mixed = append(mixed, managed.Cordoned().IDs()...)
			continue
		}
		going := v.superseded(v.drainable(managed), g.Resumed)
		silent = slices.Concat(silent, v.superseded(thin.Without(going), g.Resumed).IDs(), v.list.Unknown().IDs())
		for _, m := range going {
			switch {
			case !v.covered(m):
				kept = append(kept, m.ID)
			case v.now.Before(v.Seen[m.ID].Cordoned.Add(g.Bake)):
				waiting, d.Until = true, earliest(d.Until, v.Seen[m.ID].Cordoned.Add(g.Bake))
			default:
				n++
				if len(v.standbysOf(m)) == 0 {
					d.Run = append(d.Run, v.on(fleet.Drain, fleet.List{m})...)
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
		if !some(vs, func(v view) bool { return v.passing(empty) }) {
			d.Done = Person
		}
	default:
		d.Row, d.Done, d.Why = "D5", Reached, "nothing is left to drain"
		if len(mixed) > 0 {
			d.Row, d.Done, d.Why = RowMixed, Draining, "not draining these cordoned machines, because more than one release serves: "+words.Few(mixed)
		} else if len(silent) > 0 {
			d.Done, d.Why = Draining, "Fly cannot reach these machines, which may be old, so they are left: "+words.Few(silent)
		} else if some(vs, func(v view) bool { return v.Doubt || len(v.GivenUp) > 0 }) {
			d.Done, d.Why = Draining, "some machines are left"
		}
	}
	return d
}

// superseded returns those of some machines whose place a serving release has taken:
// their own release has no uncordoned machine, and is older. For Resume it also returns
// machines of newer releases that were taken back, up to the newest that it found
// without changes: a newer one may be at work.
func (v view) superseded(some fleet.List, taken bool) fleet.List {
	open := v.list.Managed().Uncordoned()
	own := releasesOf(open)
	return some.Where(func(m *fleet.Machine) bool {
		older := !slices.ContainsFunc(open, func(o *fleet.Machine) bool { return !older(m, o) })
		return !v.left(m) && !slices.Contains(own, m.Mark.ID) && (older || taken && m.Mark.ID != "" && m.Mark.ID <= v.ID)
	})
}

// older reports whether a machine is of an earlier release than another one, or,
// where a release is not ours, was created before it: of those of one second, what
// has no mark.
func older(m, o *fleet.Machine) bool {
	if a, b := m.Mark.ID, o.Mark.ID; a != "" && b != "" {
		return a < b
	}
	return m.CreatedAt.Before(o.CreatedAt) || m.CreatedAt.Equal(o.CreatedAt) && m.Mark.ID == ""
}

func releasesOf(l fleet.List) []string {
	var out []string
	for _, m := range l {
		if r := m.Mark.ID; !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
