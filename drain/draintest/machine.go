package draintest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// A Machine is a simulated machine.
type Machine struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	App      string         `json:"app"`
	State    string         `json:"state"`
	Region   string         `json:"region"`
	Config   config.Machine `json:"config"`
	Life     int            `json:"life"` // grows whenever the VM starts, stops or is replaced
	Born     time.Time      `json:"born"`
	Updated  time.Time      `json:"updated"`
	Gone     time.Time      `json:"gone,omitzero"`
	Cordoned bool           `json:"cordoned"`
	Host     string         `json:"host"`             // ok, unknown, unreachable
	Doomed   string         `json:"doomed,omitempty"` // who has destroyed it, while its host was out of reach
	Lease    *lease         `json:"lease,omitempty"`
	Instance int            `json:"instance"`
	Events   []entry        `json:"events,omitempty"`

	Hidden       bool      `json:"hidden,omitempty"`        // cordoned, as far as the proxies know
	Passing      bool      `json:"passing,omitempty"`       // started, and all checks pass
	Passed       bool      `json:"passed,omitempty"`        // they have passed once
	Failed       bool      `json:"failed,omitempty"`        // its program has, and it has not been started since
	Unwell       time.Time `json:"unwell,omitzero"`         // when they stopped to
	ProxyStopped bool      `json:"proxy_stopped,omitempty"` // until it is well again
	NoCat        bool      `json:"no_cat,omitempty"`
	Pooled       []pooled  `json:"pooled,omitempty"` // the proxy's connections without a request
	Past         []moment  `json:"past,omitempty"`   // for stale lists: the newest, oldest first

	Exec map[string]ExecAnswer `json:"exec,omitempty"` // answers by command, before the image's
	Look *look                 `json:"look,omitempty"` // what the last probe said

	Exposed      time.Time `json:"exposed,omitzero"`  // first took traffic
	Made         bool      `json:"made,omitempty"`    // by a command that is held to the rules,
	MadeBy       string    `json:"made_by,omitempty"` // which is this
	Held         time.Time `json:"held,omitzero"`     // first cordoned
	DefaultGroup string    `json:"default_group"`     // of its app
	Landed       int       `json:"landed,omitempty"`  // connections that ever landed
	Early        int       `json:"early,omitempty"`   // those that landed before our first uncordon
	Opened       bool      `json:"opened,omitempty"`  // uncordoned by us, or from the start of the test

	conns map[int]*conn // open connections
}

// A lease keeps others from changing a machine.
type lease struct {
	Nonce string    `json:"nonce"`
	Owner string    `json:"owner"`
	Until time.Time `json:"until"`
}

// A moment is how a machine looked from a time on.
type moment struct {
	At       time.Time `json:"at"`
	State    string    `json:"state"`
	Cordoned bool      `json:"cordoned"`
	Passing  bool      `json:"passing"`
}

// entry is an entry of a machine's events.
type entry struct {
	Type      string `json:"type"`
	Status    string `json:"status"`
	Source    string `json:"source"`
	Timestamp int64  `json:"timestamp"`

	Request any `json:"request,omitempty"` // of an exit
}

// Group returns the machine's process group; a managed machine that names none is of
// its app's default group.
func (m *Machine) Group() string {
	group := cmp.Or(m.Config.Metadata["fly_process_group"], m.Config.Metadata["process_group"])
	if group == "" && m.managed() {
		return m.DefaultGroup
	}
	return group
}

// managed reports whether fly deploy manages it.
func (m *Machine) managed() bool {
	switch m.Config.Metadata["fly_process_group"] {
	case "fly_app_release_command", "fly_app_console", "fly_app_test_machine_command":
		return false
	}
	return m.Config.Metadata["fly_platform_version"] == "v2"
}

// Mark returns the id of the release that the machine is marked with.
func (m *Machine) Mark() (id string, marked bool) {
	k, marked := m.mark()
	return k.id, marked
}

// mark is the value of FLYDRAIN.
type mark struct {
	id             string
	apps, machines int
}

func (m *Machine) mark() (k mark, ok bool) {
	id, counts, _ := strings.Cut(m.Config.Env["FLYDRAIN"], "/")
	n, _ := fmt.Sscanf(counts, "%d/%d", &k.apps, &k.machines)
	k.id = id
	return k, n == 2
}

// Takes reports whether the machine takes traffic: uncordoned, in a group with services, and
// healthy, or, with autostart on, stopped by the proxy or before it ever ran.
func (m *Machine) Takes() bool {
	if m.Cordoned || len(m.Config.Services) == 0 || !m.managed() {
		return false
	}
	switch m.State {
	case "started":
		return m.Passing || m.ProxyStopped
	case "stopped", "suspended":
		return (m.ProxyStopped || !m.Passed && !m.Failed) && m.Config.Autostart()
	case "starting":
		return m.ProxyStopped && m.Config.Autostart()
	}
	return false
}

// routable reports whether the proxies send connections to it.
func (m *Machine) routable() bool {
	return m.State == "started" && m.Passing && !m.Hidden
}

func (w *World) leased(m *Machine) *lease {
	if m.Lease != nil && w.Now.Before(m.Lease.Until) {
		return m.Lease
	}
	return nil
}

// note keeps how the machine looks from now on.
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
