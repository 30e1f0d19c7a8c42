package draintest

import (
	"container/heap"
	"time"
)

// An event is something that will happen in the world, as data.
type event struct {
	At      time.Time `json:"at"`
	Seq     int       `json:"seq"` // the order among events of one time
	Kind    string    `json:"kind"`
	Machine string    `json:"machine,omitempty"`
	Life    int       `json:"life,omitempty"` // the machine's when it was made; void in another
	N       int       `json:"n,omitempty"`    // a connection, or a load
	On      bool      `json:"on,omitempty"`   // of a cordon
	By      string    `json:"by,omitempty"`
	Action  *Action   `json:"action,omitempty"`
}

type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if !a[i].At.Equal(a[j].At) {
		return a[i].At.Before(a[j].At)
	}
	return a[i].Seq < a[j].Seq
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(event)) }
func (a *agenda) Pop() any {
	old := *a
	e := old[len(old)-1]
	*a = old[:len(old)-1]
	return e
}

// advance lets everything happen that is due up to a time. It never goes back.
func (w *World) advance(to time.Time) {
	for len(w.Agenda) > 0 && !w.Agenda[0].At.After(to) {
		e := heap.Pop(&w.Agenda).(event)
		if e.At.After(w.Now) {
			w.Now = e.At
		}
		w.happen(e)
	}
	if to.After(w.Now) {
		w.Now = to
	}
}

// in puts an event on the agenda; one that is due now happens at once.
func (w *World) in(d time.Duration, e event) {
	e.At, e.Seq = w.Now.Add(d), w.next()
	if d <= 0 {
		w.happen(e)
		return
	}
	heap.Push(&w.Agenda, e)
}

func (w *World) happen(e event) {
	m := w.Machines[e.Machine]
	if m != nil && e.Life != m.Life && e.Kind != "propagate" && e.Kind != "exposed" {
		return
	}
	switch e.Kind {
	case "started":
		w.outside(m, e.By, func() { w.started(m) })
	case "passing":
		w.outside(m, e.By, func() { w.passing(m) })
	case "crash":
		w.outside(m, e.By, func() { w.exit(m, "crash of the app") })
	case "exited":
		w.outside(m, e.By, func() { w.exit(m, e.By) })
	case "propagate":
		w.propagated(m, e.On)
	case "exposed":
		w.checkHeld(e.By, m)
	case "end":
		w.end(e.N)
	case "land":
		w.land(w.Conns[e.N])
	case "arrive":
		w.arrive(e.N)
	case "autostop":
		w.autostopAll()
	case "outside":
		w.Do(*e.Action)
	}
}
