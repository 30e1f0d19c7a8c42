package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

const (
	ill     facts.Kind = "unhealthy"               // green is not well
	partial facts.Kind = "not whole"               // green has fewer machines than it was to have
	lost    facts.Kind = "gone"                    // green was destroyed
	changed facts.Kind = "destroyed or cordoned"   // blue, by somebody else
	strange facts.Kind = "created by somebody"     // neither blue nor green
	silent  facts.Kind = "out of reach"            // blue that is to be cordoned
	Retaken facts.Kind = "uncordoned by somebody"  // blue, after the cutover
	empty   facts.Kind = "without serving machine" // a place that needs one
	weak    facts.Kind = "with too few machines"   // a place where green, all of it well, is too few
)

// wrong returns what looks wrong on this list.
func (v view) wrong() []facts.Ailment {
	var out []facts.Ailment
	add := func(kind facts.Kind, ms fleet.List) {
		for _, m := range ms {
			out = append(out, facts.Ailment{Kind: kind, Machine: m.ID})
		}
	}
	if v.Doubt {
		return nil
	}
	add(ill, v.kept().Where(func(m *fleet.Machine) bool { return !v.isWell(m) }))
	add(strange, v.Strange)
	for _, id := range v.lost() {
		out = append(out, facts.Ailment{Kind: lost, Machine: id})
	}
	if v.Before.Known() {
		for _, id := range v.Before.Blue {
			e := v.Seen[id]
			if e.Gone && !e.Destroyed || e.Row != nil && !e.Given && !e.Row.Thin && e.Row.Cordoned {
				out = append(out, facts.Ailment{Kind: changed, Machine: id})
			}
		}
	}
	add(changed, v.cordonedByOther())
	if v.promoted && !v.whole() {
		out = append(out, facts.Ailment{Kind: partial})
	}
	if p, short := v.short(); short {
		out = append(out, facts.Ailment{Kind: weak, Place: p})
	}
	add(silent, v.Blue.Thin())
	if v.over {
		add(Retaken, v.Blue.Uncordoned())
	}
	for _, p := range v.floor().Empty(v.list.Serving()) {
		out = append(out, facts.Ailment{Kind: empty, Place: p})
	}
	return out
}

// short returns a place where green could not hold the floor if all that is ill of it were
// well, and reports whether there is any: to wait does not help there.
func (v view) short() (fleet.Place, bool) {
	if !v.promoted {
		return fleet.Place{}, false
	}
	return v.floor().Short(v.kept().Where(func(m *fleet.Machine) bool { return m.CouldServe() || !v.isWell(m) }).Count())
}

// changing reports whether the newest list shows that somebody else has changed
// something, though not for so long yet that it is believed.
func (v view) changing() bool {
	for a := range v.Wrong {
		if a.Kind == changed || a.Kind == strange {
			return true
		}
	}
	return false
}

// lost returns the green machines that somebody has destroyed: before the promotion
// any, and then those that serve.
func (v view) lost() []string {
	var out []string
	for id, e := range v.Seen {
		green := e.Row != nil && e.Row.Mark.ID == v.ID && v.ID != "" && !v.promoted
		if (green || slices.Contains(v.Kept, id)) && e.Gone && !e.Destroyed {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// trouble finds what has looked wrong with a release for so long that it is to be
// undone. It fills in the decision, and reports whether there is any.
func trouble(vs []view, d *Decision) bool {
	for _, v := range vs {
		kinds := []facts.Kind{lost, changed, strange}
		if v.promoted {
			kinds = append(kinds, ill, partial, weak)
		}
		lasting := v.spells(kinds...)
		if len(lasting) == 0 {
			continue
		}
		a := lasting[0]
		d.Cause = ErrChanged
		if slices.Contains([]facts.Kind{ill, partial, lost, weak}, a.Kind) {
			d.Cause = ErrNotHealthy
		}
		d.App, d.About = v.Name, a.Machine
		switch a.Kind {
		case partial:
			d.Why = fmt.Sprintf("%s: green is incomplete: only %d machines are there", v.Name, len(v.kept()))
		case weak:
			d.Why = fmt.Sprintf("%s: green is healthy, but too few of its machines serve in %s: %d are needed there", v.Name, a.Place, v.floor()[a.Place])
		default:
			d.Why = fmt.Sprintf("%s: machine %s %s", v.Name, a.Machine, v.describe(a))
		}
		return true
	}
	return false
}

// spells returns the ailments of some kinds that have lasted, in a fixed order.
func (v view) spells(kinds ...facts.Kind) []facts.Ailment {
	var out []facts.Ailment
	for a, s := range v.Wrong {
		if slices.Contains(kinds, a.Kind) && v.lasts(a, s) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b facts.Ailment) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Machine, b.Machine), cmp.Compare(a.Place.String(), b.Place.String()))
	})
	return out
}

// lasts reports whether an ailment has lasted for so long that it is believed: one
// look never undoes. What somebody has done takes three lists in a row, and what may
// pass by itself a minute too.
func (v view) lasts(a facts.Ailment, s facts.Spell) bool {
	done := slices.Contains([]facts.Kind{lost, changed, strange, Retaken}, a.Kind)
	return s.Lists >= facts.Tries && (done || v.now.Sub(s.Since) >= minute)
}

// passing reports whether there is an ailment of a kind that has not lasted yet.
func (v view) passing(kind facts.Kind) bool {
	for a, s := range v.Wrong {
		if a.Kind == kind && !v.lasts(a, s) {
			return true
		}
	}
	return false
}

func (v view) describe(a facts.Ailment) string {
	m := v.list.Find(a.Machine)
	switch a.Kind {
	case ill:
		return v.lacks(m)
	case changed:
		if v.Seen[a.Machine].Gone {
			return "was destroyed by somebody else"
		}
		return "was cordoned by somebody else"
	case lost:
		return "has gone"
	case strange:
		return "was created by somebody else"
	}
	return string(a.Kind)
}

// spells counts for how many lists in a row each ailment has been there.
func spells(before map[facts.Ailment]facts.Spell, now []facts.Ailment, at time.Time) map[facts.Ailment]facts.Spell {
	out := map[facts.Ailment]facts.Spell{}
	for _, a := range now {
		s := before[a]
		if s.Lists == 0 {
			s.Since = at
		}
		s.Lists++
		out[a] = s
	}
	return out
}
