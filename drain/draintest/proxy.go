package draintest

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Connect opens n connections now, from clients in a region ("" is the app's
// primary), that end by themselves after the time lives, or never when it is 0.
func (w *World) Connect(app, group, region string, n int, lives time.Duration) {
	for range n {
		c := &conn{ID: w.next(), App: app, Group: group, Region: region, Lives: lives}
		if a := w.Apps[app]; a != nil && a.Config != nil {
			c.Group, c.Region = cmp.Or(group, w.frontGroup(a)), cmp.Or(region, a.Config.PrimaryRegion)
		}
		w.Conns[c.ID] = c
		w.land(c)
	}
}

// Serve starts a load now.
func (w *World) Serve(l Load) {
	w.Loads = append(w.Loads, &l)
	w.in(l.Every, event{Kind: "arrive", N: len(w.Loads) - 1})
}

func (w *World) arrive(n int) {
	l := w.Loads[n]
	if w.Now.After(l.Until) {
		return
	}
	l.Made++
	_, part := math.Modf(float64(l.Made) * math.Phi)
	w.Connect(l.App, l.Group, l.Region, 1, l.Min+time.Duration(part*float64(l.Max-l.Min)))
	w.in(max(l.Every, time.Microsecond), event{Kind: "arrive", N: n})
}

// join connects a client of the edge; with a machine's id it is forced to that one.
func (w *World) join(c *conn, force string) {
	c.ID = w.next()
	w.Conns[c.ID] = c
	m := w.Machine(force)
	switch {
	case w.Apps[c.App] == nil || c.Port == 0 || m == nil && force != "":
		w.refuse(c)
	case m == nil || m.Hidden && w.ForceFails:
		w.land(c)
	case m.App == c.App && m.State == "started" && m.Passing:
		w.arrived(c, m)
	default:
		w.refuse(c)
	}
}

func (w *World) refuse(c *conn) {
	delete(w.Conns, c.ID)
	w.Account.Refused++
}

// frontGroup is the first group that has services.
func (w *World) frontGroup(a *App) string {
	for _, id := range a.Machines {
		if m := w.Machines[id]; len(m.Config.Services) > 0 && m.managed() {
			return m.Group()
		}
	}
	return "app"
}

// land puts a connection on a machine: nearest first, then the least busy. With
// none it starts a stopped one that may be, and tries again for a minute.
func (w *World) land(c *conn) {
	var best, sleeping *Machine
	for _, m := range w.groups[c.App+"/"+c.Group] {
		switch {
		case len(m.Config.Services) == 0:
		case m.routable():
			if best == nil || c.nearer(m, best) {
				best = m
			}
		case m.wakes():
			if sleeping == nil || m.waking() || !sleeping.waking() && m.Region == c.Region && sleeping.Region != c.Region {
				sleeping = m
			}
		}
	}
	switch {
	case best != nil:
		w.arrived(c, best)
	case sleeping != nil && c.Tries < 60:
		if !sleeping.waking() {
			w.outside(sleeping, "platform: autostart", func() {
				sleeping.ProxyStopped = true
				w.boot(sleeping, "platform: autostart")
			})
		}
		c.Tries++
		w.in(time.Second, event{Kind: "land", N: c.ID})
	default:
		w.refuse(c)
	}
}

// wakes reports whether the proxy may start the machine for a client, or has.
func (m *Machine) wakes() bool {
	return !m.Hidden && m.Config.Autostart() && len(m.Config.Standbys) == 0 &&
		(m.State == "stopped" || m.State == "suspended" || m.waking())
}

func (m *Machine) waking() bool {
	return m.ProxyStopped && (m.State == "starting" || m.State == "started")
}

func (c *conn) nearer(m, than *Machine) bool {
	if near := m.Region == c.Region; near != (than.Region == c.Region) {
		return near
	}
	return cmp.Or(len(m.conns)-len(than.conns), cmp.Compare(m.Region, than.Region), cmp.Compare(m.ID, than.ID)) < 0
}

func (w *World) arrived(c *conn, m *Machine) {
	c.Machine = m.ID
	m.conns[c.ID] = c
	m.Landed++
	if _, marked := m.Mark(); marked && !m.Opened {
		m.Early++
	}
	w.Account.Opened++
	if c.Lives > 0 {
		w.in(c.Lives, event{Kind: "end", N: c.ID})
	}
}

// end lets a connection end by itself; one that was cut is gone already.
func (w *World) end(id int) {
	if c := w.Conns[id]; c != nil {
		w.Account.Ended++
		w.drop(c)
	}
}

// answered ends a request, whose connection the proxy may keep.
func (w *World) answered(id int) {
	if c := w.Conns[id]; c != nil {
		w.pool(w.Machines[c.Machine], c.Port)
		w.end(id)
	}
}

// HangUp ends n of a machine's connections now, as their clients would.
func (w *World) HangUp(id string, n int) {
	if m := w.Machine(id); m != nil {
		clients := m.clients()
		for _, c := range clients[:min(n, len(clients))] {
			w.end(c.ID)
		}
	}
}

// autostopAll is the proxy's round: it stops one machine a group and region of
// those with autostop on, when the others could take its load.
func (w *World) autostopAll() {
	places := map[string][]*Machine{}
	for _, ms := range w.groups {
		for _, m := range ms {
			if s := m.Config.Services; m.routable() && len(s) > 0 && s[0].Autostop != "off" && s[0].Autostop != "" {
				places[place(m)] = append(places[place(m)], m)
			}
		}
	}
	for _, p := range sortedKeys(places) {
		w.autostopOne(places[p])
	}
	if w.AutostopEach > 0 {
		w.in(w.AutostopEach, event{Kind: "autostop"})
	}
}

func (w *World) autostopOne(ms []*Machine) {
	least, load, room := ms[0], 0, 0
	for _, m := range ms {
		if len(m.conns) < len(least.conns) {
			least = m
		}
		load += len(m.conns)
		room += max(m.Config.Soft(), 1)
	}
	spare := room - max(least.Config.Soft(), 1)
	if keep := ms[0].Config.Services[0].MinRunning; load > spare || len(ms) <= 1 && (load > 0 || keep != nil && *keep > 0) {
		return
	}
	w.Do(Action{Kind: "autostop", Machine: least.ID})
}

// Autostop starts the proxy's rounds.
func (w *World) Autostop(each time.Duration) {
	w.AutostopEach = each
	w.in(each, event{Kind: "autostop"})
}

// propagated is a cordon, or the end of one, that the proxies have learnt of.
func (w *World) propagated(m *Machine, cordoned bool) {
	m.Hidden = cordoned
	for _, c := range m.clients() {
		if cordoned && slices.Contains(w.CordonCuts, c.Kind) {
			w.cut(m, c, "platform: cordon")
		}
	}
}

// pool keeps the connection of a request that has ended, as the proxy does.
func (w *World) pool(m *Machine, port int) {
	stays := cmp.Or(w.PoolRequests, 4*time.Second)
	for _, s := range m.Config.Services {
		if c := s.Concurrency; s.InternalPort == port && (c == nil || c.Type != "requests") {
			stays = w.PoolConnections
		}
	}
	m.Pooled = slices.DeleteFunc(m.Pooled, func(p pooled) bool { return !p.Until.After(w.Now) })
	if stays > 0 {
		m.Pooled = append(m.Pooled, pooled{port, w.Now.Add(stays)})
	}
}
