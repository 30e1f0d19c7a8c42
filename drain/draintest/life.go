package draintest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

func (w *World) leased(m *Machine) *lease {
	if m.Lease != nil && w.Now.Before(m.Lease.Until) {
		return m.Lease
	}
	return nil
}

// note records how the machine looks from now on.
func (w *World) note(m *Machine) {
	if m.Cordoned && m.Held.IsZero() {
		m.Held = w.Now
	}
	if m.Exposed.IsZero() && m.routable() && !m.Cordoned && len(m.Config.Services) > 0 {
		if m.Exposed = w.Now; m.Made && !m.Opened && m.Held.IsZero() {
			w.in(holdWithin, event{Kind: "exposed", Machine: m.ID, By: m.MadeBy})
		}
	}
	m.Past = append(m.Past, moment{w.Now, m.State, m.Cordoned, m.Passing})
	if len(m.Past) > 12 {
		m.Past = append(m.Past[:0], m.Past[4:]...)
	}
}

func (w *World) event(m *Machine, kind, status, source string) {
	m.Events = append([]entry{{Type: kind, Status: status, Source: source, Timestamp: w.Now.UnixMilli()}}, m.Events...)
	if len(m.Events) > 8 {
		m.Events = m.Events[:8]
	}
	m.Updated = w.Now
}

// turn begins another life of the VM, in which it is not healthy yet.
func (w *World) turn(m *Machine, state string) {
	if m.Passing {
		m.Unwell = w.Now
	}
	m.Life++
	m.State, m.Passing = state, false
}

// boot brings a VM up.
func (w *World) boot(m *Machine, by string) {
	w.turn(m, "starting")
	m.Pooled = nil
	if m.Events == nil {
		m.State = "created"
	}
	w.note(m)
	w.in(cmp.Or(w.image(m.Config.Image).Boot, w.Boot), event{Kind: "started", Machine: m.ID, Life: m.Life, By: by})
}

func (w *World) started(m *Machine) {
	m.State = "started"
	w.event(m, "start", "started", "flyd")
	w.note(m)
	m.Failed = false
	image := w.image(m.Config.Image)
	if image.WorkersEnd > 0 && len(m.Config.Services) == 0 {
		w.in(image.WorkersEnd, event{Kind: "exited", Machine: m.ID, Life: m.Life, By: byItself})
	}
	if image.Crash || image.CrashAfter > 0 {
		w.in(image.CrashAfter, event{Kind: "crash", Machine: m.ID, Life: m.Life})
	}
	if image.Crash || image.Unhealthy && m.Config.Checked() {
		return
	}
	delay := cmp.Or(image.Health, w.Health)
	if !m.Config.Checked() {
		delay = 0
	}
	w.in(delay, event{Kind: "passing", Machine: m.ID, Life: m.Life})
}

func (w *World) passing(m *Machine) {
	m.Passing, m.Passed, m.ProxyStopped = true, true, false
	w.note(m)
}

// byItself is who ended a program that ended with 0.
const byItself = "the end of its program"

// exit ends the VM's process: what is connected is cut.
func (w *World) exit(m *Machine, by string) {
	w.turn(m, "stopped")
	w.cutAll(m, by)
	w.event(m, "exit", "stopped", "flyd")
	exit := map[string]any{"requested_stop": true}
	switch m.Failed = strings.Contains(by, "crash"); {
	case m.Failed:
		exit = map[string]any{"exit_code": 1}
	case by == byItself:
		exit = map[string]any{"exit_code": 0}
	}
	m.Events[0].Request = map[string]any{"exit_event": exit}
	w.note(m)
	if m.Config.AutoDestroy {
		w.vanish(m, by)
	}
}

func (w *World) vanish(m *Machine, by string) {
	w.turn(m, "destroyed")
	w.cutAll(m, by)
	m.Gone, m.Lease = w.Now, nil
	w.note(m)
	w.strike(m)
	m.Past = m.Past[max(0, len(m.Past)-4):]
}

// add makes a machine that is not there yet.
func (w *World) add(app, region string, c config.Machine) *Machine {
	w.Count++
	m := &Machine{
		ID: fmt.Sprintf("1781%010x", w.Count), Name: fmt.Sprintf("quiet-wave-%d", w.Count),
		App: app, State: "created", Region: region, Config: c.Clone(), Host: "ok",
		Born: w.Now, Updated: w.Now, Instance: w.next(), conns: map[int]*conn{}, DefaultGroup: "app",
	}
	if cfg := w.Apps[app].Config; cfg != nil {
		m.DefaultGroup = cfg.DefaultGroup()
	}
	w.Machines[m.ID] = m
	w.Apps[app].Machines = append(w.Apps[app].Machines, m.ID)
	w.enlist(m)
	return m
}

func (w *World) drop(c *conn) {
	delete(w.Conns, c.ID)
	delete(w.Machines[c.Machine].conns, c.ID)
}

func (w *World) cut(m *Machine, c *conn, who string) {
	w.Account.Cuts = append(w.Account.Cuts, cut{At: w.Now, App: m.App, Machine: m.ID, By: who})
	w.Account.Cut++
	w.drop(c)
}

func (w *World) cutAll(m *Machine, who string) {
	for _, c := range m.clients() {
		w.cut(m, c, who)
	}
}

func (w *World) setCordon(m *Machine, on bool) {
	m.Cordoned = on
	if w.CordonTells {
		w.event(m, "cordon", fmt.Sprint(on), "user")
	}
	w.note(m)
	w.in(w.Propagation, event{Kind: "propagate", Machine: m.ID, On: on})
}

// signal makes a machine stop, after its app's exit delay or the kill timeout.
func (w *World) signal(m *Machine, who string, timeout time.Duration) {
	if !slices.Contains([]string{"started", "starting", "created"}, m.State) {
		return
	}
	if timeout == 0 {
		timeout = 5 * time.Second // Fly's kill_timeout
		if d, err := time.ParseDuration(m.Config.StopConfig.Timeout); err == nil {
			timeout = d
		}
	}
	w.turn(m, "stopping")
	m.ProxyStopped = false
	m.Passed = m.Passed && !m.Cordoned // its stop takes nothing away: the proxy starts it when it is uncordoned
	w.note(m)
	w.in(min(w.Apps[m.App].ExitDelay, timeout), event{Kind: "exited", Machine: m.ID, Life: m.Life, By: who})
}

// loses ends a machine's cordon where the world says that this event does.
func (w *World) loses(m *Machine, by string) {
	if m.Cordoned && slices.Contains(w.CordonLost, by) {
		w.setCordon(m, false)
	}
}
