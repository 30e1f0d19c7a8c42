package draintest

import "time"

// An Action is what somebody else, or the platform, does to a machine. Nothing
// that it does counts against the rules.
type Action struct {
	// Kind is one of autostop, stop, start, destroy, crash, sick (its checks begin
	// to fail), well, cordon, uncordon, lease, update, unreachable, reachable, and
	// deploy, which adds a machine with
	// Image to the group and region of the machine named, without its mark.
	Kind    string `json:"kind"`
	Machine string `json:"machine,omitempty"`
	// Without a machine: the first of App (and of Group and Region, where given)
	// that is started, of the newest mark only when Green, of no or another one
	// when Blue.
	App    string        `json:"app,omitempty"`
	Group  string        `json:"group,omitempty"`
	Region string        `json:"region,omitempty"`
	Green  bool          `json:"green,omitempty"`
	Blue   bool          `json:"blue,omitempty"`
	Image  string        `json:"image,omitempty"`
	For    time.Duration `json:"for,omitempty"` // of a lease
	Owner  string        `json:"owner,omitempty"`
}

// At puts an action on the agenda.
func (w *World) At(t time.Time, a Action) {
	w.in(t.Sub(w.Now), Event{Kind: "outside", Action: &a})
}

// Do does it now. Where there is no such machine it does nothing.
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
	case "autostop":
		if m.State == "started" {
			m.ProxyStopped = true
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
	case "crash":
		if m.State == "started" {
			w.exit(m, who)
		}
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
		owner := a.Owner
		if owner == "" {
			owner = "other@example.com"
		}
		m.Lease = &Lease{Nonce: "of another", Owner: owner, Until: w.Now.Add(a.For)}
	case "unreachable", "reachable":
		m.Host = map[string]string{"unreachable": "unreachable", "reachable": "ok"}[a.Kind]
	case "update":
		w.cutAll(m, who)
		m.Config = m.Config.Clone()
		if a.Image != "" {
			m.Config.Image = a.Image
		}
		m.Instance = w.next()
		w.boot(m, who)
	case "deploy":
		c := m.Config.Clone()
		delete(c.Env, "FLYDRAIN")
		if a.Image != "" {
			c.Image = a.Image
		}
		n := w.add(m.App, m.Region, c)
		n.Opened = true
		w.boot(n, who)
	}
}

func (w *World) pick(a Action) *Machine {
	newest := w.newestMark(a.App)
	for _, m := range w.Live(a.App) {
		mark, _ := m.Mark()
		green := newest != "" && mark.ID == newest
		if m.State == "started" && m.Managed() && (a.Group == "" || m.Group() == a.Group) &&
			(a.Region == "" || m.Region == a.Region) && (!a.Green || green) && (!a.Blue || !green) {
			return m
		}
	}
	return nil
}
