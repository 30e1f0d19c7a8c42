package standing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// minute is longer than a check's interval, and than a restart.
const minute = time.Minute

// What can look wrong.
const (
	Ill     facts.Kind = "unhealthy"               // green is not well
	Partial facts.Kind = "not whole"               // green has fewer machines than it was to have
	Lost    facts.Kind = "gone"                    // green was destroyed
	Changed facts.Kind = "destroyed or cordoned"   // blue, by somebody else
	Strange facts.Kind = "created by somebody"     // neither blue nor green
	Silent  facts.Kind = "out of reach"            // blue that is to be cordoned
	Retaken facts.Kind = "old, and serving"        // after the cutover
	Alive   facts.Kind = "uncordoned by its run"   // green of another run, after it was held
	Empty   facts.Kind = "without serving machine" // a place that needs one
	Weak    facts.Kind = "with too few machines"   // a place where green, all of it well, is too few
)

// wrong returns what looks wrong on this list.
func (v View) wrong() []facts.Ailment {
	var out []facts.Ailment
	add := func(kind facts.Kind, ms fleet.List) {
		for _, m := range ms {
			out = append(out, facts.Ailment{Kind: kind, Machine: m.ID})
		}
	}
	if v.Doubt {
		return nil
	}
	add(Ill, v.Kept().Where(func(m *fleet.Machine) bool { return !v.isWell(m) }))
	add(Strange, v.Strange)
	for _, id := range v.Lost() {
		out = append(out, facts.Ailment{Kind: Lost, Machine: id})
	}
	if v.Before.Known() {
		for _, id := range v.Before.Blue {
			e := v.Seen[id]
			if e.Gone && !e.Destroyed || e.Row != nil && !e.Given && !e.Row.Thin && e.Row.Cordoned {
				out = append(out, facts.Ailment{Kind: Changed, Machine: id})
			}
		}
	}
	add(Changed, v.CordonedByOther())
	if v.promoted && !v.Whole() {
		out = append(out, facts.Ailment{Kind: Partial})
	}
	if p, short := v.short(); short {
		out = append(out, facts.Ailment{Kind: Weak, Place: p})
	}
	add(Alive, v.reopened())
	add(Silent, v.Blue.Thin())
	if v.over {
		add(Retaken, v.retaken())
	}
	for _, p := range v.Floor().Empty(v.List.Serving()) {
		out = append(out, facts.Ailment{Kind: Empty, Place: p})
	}
	return out
}

// reopened returns the green machines of another run that were held and are uncordoned
// again, and not by this run: the other one is alive.
func (v View) reopened() fleet.List {
	return v.Green.Uncordoned().Where(func(m *fleet.Machine) bool {
		return !v.Before.Known() && v.Seen[m.ID].Reopened && !slices.Contains(v.Promoted, m.ID)
	})
}

// Changing reports whether the newest list shows that somebody else has changed
// something, though not for so long yet that it is believed.
func (v View) Changing() bool {
	for a := range v.Wrong {
		if a.Kind == Changed || a.Kind == Strange {
			return true
		}
	}
	return false
}

// Lost returns the green machines that somebody has destroyed: before the promotion
// any, and then those that serve.
func (v View) Lost() []string {
	var out []string
	for id, e := range v.Seen {
		green := e.Row != nil && e.Row.Mark.ID == v.ID && v.ID != "" && !v.promoted
		if (green || slices.Contains(v.Promoted, id)) && e.Gone && !e.Destroyed {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Spells returns the ailments of some kinds that have lasted, in a fixed order.
func (v View) Spells(kinds ...facts.Kind) []facts.Ailment {
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
func (v View) lasts(a facts.Ailment, s facts.Spell) bool {
	done := slices.Contains([]facts.Kind{Lost, Changed, Strange, Retaken, Alive}, a.Kind)
	return s.Lists >= facts.Tries && (done || v.Now.Sub(s.Since) >= minute)
}

// Troubles returns what has looked wrong for so long that the release is to be undone.
func (v View) Troubles() []facts.Ailment {
	if v.promoted {
		return v.Spells(Lost, Changed, Strange, Ill, Partial, Weak)
	}
	return v.Spells(Lost, Changed, Strange)
}

// Passing reports whether there is an ailment of a kind that has not lasted yet.
func (v View) Passing(kind facts.Kind) bool {
	for a, s := range v.Wrong {
		if a.Kind == kind && !v.lasts(a, s) {
			return true
		}
	}
	return false
}

// Says says what is wrong with green, or has been changed by somebody.
func (v View) Says(a facts.Ailment) string {
	what := "was created by somebody else"
	switch a.Kind {
	case Partial:
		return fmt.Sprintf("%s: green is incomplete: only %d machines are there", v.Name, len(v.Kept()))
	case Weak:
		return fmt.Sprintf("%s: green is healthy, but in %s only %d of its machines can serve, and %d must", v.Name, a.Place, v.Kept().CouldServe()[a.Place], v.Floor()[a.Place])
	case Ill:
		what = v.Lacks(v.List.Find(a.Machine))
	case Lost:
		what = "has gone"
	case Changed:
		if what = "was cordoned by somebody else"; v.Seen[a.Machine].Gone {
			what = "was destroyed by somebody else"
		}
	}
	return fmt.Sprintf("%s: machine %s %s", v.Name, a.Machine, what)
}

// Ailments counts for how many lists in a row each thing has looked wrong, the newest
// list among them.
func (v View) Ailments() map[facts.Ailment]facts.Spell {
	out := map[facts.Ailment]facts.Spell{}
	for _, a := range v.wrong() {
		s := v.Wrong[a]
		if s.Lists == 0 {
			s.Since = v.Now
		}
		s.Lists++
		out[a] = s
	}
	return out
}

// Unserved says which places have needed a serving machine and had none for so long that
// it is believed.
func (v View) Unserved() []string {
	var out []string
	for _, a := range v.Spells(Empty) {
		out = append(out, fmt.Sprintf("%s: nothing serves in %s", v.Name, a.Place))
	}
	return out
}

// retaken returns the old machines that serve though the release stands.
func (v View) retaken() fleet.List { return slices.Concat(v.Blue, v.Stragglers).Uncordoned() }

// WentBack reports whether somebody has cordoned all of green, and old machines serve in
// each place.
func (v View) WentBack() bool {
	return len(v.Spells(Retaken)) > 0 && len(v.Kept().Uncordoned()) == 0 && !v.Passing(Empty)
}

// Unsure reports whether the lists show something that is not believed yet: a place
// without a serving machine, or blue uncordoned again. It also looks at the list by
// which the release stands.
func (v View) Unsure() bool {
	return v.Passing(Empty) || slices.ContainsFunc(v.retaken(), func(m *fleet.Machine) bool {
		a := facts.Ailment{Kind: Retaken, Machine: m.ID}
		return !v.lasts(a, v.Wrong[a])
	})
}
