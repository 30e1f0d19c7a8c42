package standing

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// WorkerStays reports whether an idle worker of an older release is to be stopped and
// not destroyed: machines of its release are still there, so a rollback may start it
// again. It also reports whether none of these drains in this run, so that the worker is
// left too. Green's workers, where there are too many or it is taken back, go at once.
func (v View) WorkerStays(id string) (stays, left bool) {
	m := v.List.Find(id)
	if m == nil || !m.Worker() || m.Standby() || v.Green.Has(id) {
		return false, false
	}
	own := v.List.Managed().Where(func(o *fleet.Machine) bool { return o.Mark.ID == m.Mark.ID && !o.Worker() })
	return len(own) > 0, len(own) > 0 && !slices.ContainsFunc(own, func(o *fleet.Machine) bool {
		kept := slices.ContainsFunc(v.Spells(Empty), func(a facts.Ailment) bool { return a.Place == o.Place() }) // nothing else serves there
		return v.Drains(o.ID) || o.Cordoned && !o.Thin && !v.Left(o) && !kept
	})
}
