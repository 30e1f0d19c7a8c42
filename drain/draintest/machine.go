package draintest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
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
	Passed       bool      `json:"passed,omitempty"`        // they have passed, and no stop since was told or took nothing away
	Failed       bool      `json:"failed,omitempty"`        // its program ended with an error, and it has not been started since
	Unwell       time.Time `json:"unwell,omitzero"`         // when its checks stopped passing
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
// healthy, or stopped with autostart on, unless its program has failed.
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

// look is what the last probe of a machine said.
type look struct {
	At    time.Time `json:"at"`
	Known bool      `json:"known"`
	Count int       `json:"count"`
}

// pooled is a connection of the proxy that has no request.
type pooled struct {
	Port  int       `json:"port"`
	Until time.Time `json:"until"`
}

// clients returns a machine's connections, oldest first.
func (m *Machine) clients() []*conn {
	return slices.SortedFunc(maps.Values(m.conns), func(a, b *conn) int { return a.ID - b.ID })
}
