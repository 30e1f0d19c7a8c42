package draintest

import (
	"cmp"
	"time"
)

// An exposure is how long a marked machine could take traffic between its creation
// and its first cordon, and how many connections landed before it was opened.
type exposure struct {
	App, Machine string
	Time         time.Duration
	Landed       int
}

// exposures measures all machines that carry a mark, oldest first. A machine that
// was never held is measured up to its end, or to now.
func (w *World) exposures() []exposure {
	var all []exposure
	for _, id := range sortedKeys(w.Machines) {
		m := w.Machines[id]
		if _, ok := m.Mark(); !ok || m.Exposed.IsZero() {
			continue
		}
		until := cmp.Or(m.Held, m.Gone, w.Now)
		if d := until.Sub(m.Exposed); d > 0 || m.Early > 0 {
			all = append(all, exposure{App: m.App, Machine: m.ID, Time: max(d, 0), Landed: m.Early})
		}
	}
	return all
}
