package draintest

// happen does what is due. What it does may put more on the agenda.
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
