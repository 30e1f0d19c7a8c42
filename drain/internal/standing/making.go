package standing

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Coming counts the clones of a slot whose machines are not listed yet. One that
// failed may have created its machine all the same, so for a while it counts.
func (v View) Coming(s fleet.Slot) int {
	n := 0
	for _, c := range v.UnderWay(fleet.Clone) {
		if c.Slot == s {
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
	return len(v.UnderWay(fleet.Clone)) > 0 || slices.ContainsFunc(v.Making.Clones, v.pending)
}
