package draintest

import (
	"slices"
	"time"
)

// advance makes everything happen that is due until then. Time never goes back.
func (w *World) advance(to time.Time) {
	for len(w.Agenda) > 0 && !w.Agenda[0].At.After(to) {
		e := w.Agenda[0]
		w.Agenda = w.Agenda[1:]
		if e.At.After(w.Now) {
			w.Now = e.At
		}
		w.happens(e)
	}
	if to.After(w.Now) {
		w.Now = to
	}
}

// in puts an event on the agenda; one that is due now happens at once.
func (w *World) in(d time.Duration, e event) {
	e.At, e.Seq = w.Now.Add(d), w.next()
	if d <= 0 {
		w.happens(e)
		return
	}
	i, _ := slices.BinarySearchFunc(w.Agenda, e, event.after)
	w.Agenda = slices.Insert(w.Agenda, i, e)
}
