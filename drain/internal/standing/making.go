package standing

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Deploying returns the deploy that is under way.
func (v View) Deploying() (fleet.Command, bool) {
	for c := range v.flying {
		if c.App == v.Name && c.Verb == fleet.Deploy {
			return c, true
		}
	}
	return fleet.Command{}, false
}

// Coming counts the clones of a slot whose machines are not listed yet. One that
// failed may have created its machine all the same, so for a while it counts.
func (v View) Coming(s fleet.Slot) int {
	n := 0
	for c := range v.flying {
		if c.App == v.Name && c.Slot == s {
			n++
		}
	}
	for _, c := range v.Making.Clones {
		if c.Slot == s && v.pending(c) {
			n++
		}
	}
	return n
}

func (v View) pending(c facts.Clone) bool {
	return !v.Green.Has(c.ID) && (v.Now.Before(c.Until) || v.List.Has(c.ID)) // its row may be thin
}

// Awaited reports whether a machine that no list has shown may be there, or may come. It
// leaves out those of the deploy under way.
func (v View) Awaited() bool {
	for c := range v.flying {
		if c.App == v.Name && c.Verb == fleet.Clone {
			return true
		}
	}
	return slices.ContainsFunc(v.Making.Clones, v.pending)
}
