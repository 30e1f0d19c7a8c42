package draintest

import (
	"cmp"
	"time"
)

// At puts an action on the agenda.
func (w *World) At(t time.Time, a Action) {
	w.in(t.Sub(w.Now), event{Kind: "outside", Action: &a})
}

// Do does the action now. Where there is no such machine it does nothing.
func (w *World) Do(a Action) {
	m := w.Machine(a.Machine)
	if a.Machine == "" {
		m = w.pick(a)
	}
	if m == nil {
		return
	}
	who := "outside: " + a.Kind
	if a.Kind == "autostop" || a.Kind == "crash" {
		who = "platform: " + a.Kind
	}
	w.outside(m, who, func() { w.act(a, m, who) })
}

func (w *World) act(a Action, m *Machine, who string) {
	switch a.Kind {
	case "autostop", "crash":
		if m.State == "started" {
			m.ProxyStopped = m.ProxyStopped || a.Kind == "autostop"
			w.exit(m, who)
		}
	case "stop":
		w.signal(m, who, 0)
	case "start":
		if m.State == "stopped" || m.State == "suspended" {
			w.boot(m, who)
		}
	case "destroy":
		w.vanish(m, who)
	case "sick", "well":
		if m.State == "started" {
			if m.Passing {
				m.Unwell = w.Now
			}
			m.Passing = a.Kind == "well"
			w.note(m)
		}
	case "cordon", "uncordon":
		w.setCordon(m, a.Kind == "cordon")
	case "lease":
		m.Lease = &lease{"of another", cmp.Or(a.Owner, "other@example.com"), w.Now.Add(a.For)}
	case "unreachable":
		m.Host = "unreachable"
	case "reachable":
		if m.Host = "ok"; m.Doomed != "" {
			w.vanish(m, m.Doomed)
		}
	case "ungroup":
		m.Config = m.Config.Clone()
		delete(m.Config.Metadata, "fly_process_group")
		w.index()
	case "update":
		w.cutAll(m, who)
		m.Config = m.Config.Clone()
		m.Config.Image, m.Instance = cmp.Or(a.Image, m.Config.Image), w.next()
		w.boot(m, who)
	case "deploy":
		c := m.Config.Clone()
		delete(c.Env, "FLYDRAIN")
		c.Image = cmp.Or(a.Image, c.Image)
		n := w.add(m.App, m.Region, c)
		n.Opened = true
		w.boot(n, who)
	}
}

func (w *World) pick(a Action) *Machine {
	newest := w.newestMark(a.App)
	for _, m := range w.Live(a.App) {
		mark, _ := m.Mark()
		green := newest != "" && mark == newest
		if m.State == "started" && m.managed() && (a.Group == "" || m.Group() == a.Group) &&
			(a.Region == "" || m.Region == a.Region) && (!a.Green || green) && (!a.Blue || !green) {
			return m
		}
	}
	return nil
}
