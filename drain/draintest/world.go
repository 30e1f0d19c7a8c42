package draintest

import (
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// A World is a simulated Fly. All of it is plain data; the exported fields may be
// set at any time while nothing else uses it. [New] returns one with sane values.
type World struct {
	Now     time.Time `json:"now"`
	Version string    `json:"version"`           // flyctl's; below 0.4.69 lists lack "cordoned"
	NoAuth  bool      `json:"no_auth,omitempty"` // as if there were no token

	Boot         time.Duration `json:"boot"`                    // from create or start to started
	Health       time.Duration `json:"health"`                  // from started to passing checks
	Propagation  time.Duration `json:"propagation"`             // until the proxies know of a cordon
	Latency      time.Duration `json:"latency"`                 // of one API call
	Tick         time.Duration `json:"tick,omitempty"`          // added by each command of the process
	RegistryLag  time.Duration `json:"registry_lag,omitempty"`  // until a pushed image is known
	BuildTime    time.Duration `json:"build_time,omitempty"`    // of deploy without an image
	AutostopEach time.Duration `json:"autostop_each,omitempty"` // how often the proxy looks for excess; 0 is never
	LimitsOff    bool          `json:"limits_off,omitempty"`    // no rate limits

	switches

	Apps     map[string]*App     `json:"apps"`
	Machines map[string]*Machine `json:"machines"` // the destroyed ones too
	Images   map[string]*Image   `json:"images,omitempty"`
	Faults   []*Fault            `json:"faults,omitempty"`
	Loads    []*Load             `json:"loads,omitempty"`

	Account  Account          `json:"account"`
	Commands []*ran           `json:"commands,omitempty"` // the newest LogSize
	Counts   map[string]int   `json:"counts"`             // commands by name ("machine exec"), API calls by "api list"
	Most     map[string]int   `json:"most"`               // most commands at once, by name; all together by ""
	Running  map[string]int   `json:"running"`            // commands under way, likewise
	LogSize  int              `json:"log_size"`
	Buckets  map[string]level `json:"buckets,omitempty"`

	// What the commands of a run are held to, see [Breach]. Those of somebody else are
	// not: their environment has DRAINTEST_OTHER set.
	Breaches    []Breach       `json:"breaches,omitempty"`
	Limit       int            `json:"limit"`                  // connections with which a machine is idle (S2, S4)
	SoftLimits  bool           `json:"soft_limits,omitempty"`  // each machine's own soft_limit instead
	CutsAllowed bool           `json:"cuts_allowed,omitempty"` // a deadline has passed, or the owner said so: S2, S4 rest
	Dropped     []string       `json:"dropped,omitempty"`      // "app/group" that the newest fly.toml has not: S1 rests
	Allow       []string       `json:"allow,omitempty"`        // rules that are off, "S1" …
	Grace       time.Duration  `json:"grace,omitempty"`        // how new an outside event is that none can know of (S1, S5), 0 is 10 s
	Base        map[string]int `json:"base"`                   // S1: takers by app/group/region when the run began
	Lost        []loss         `json:"lost,omitempty"`         // S1, S5: machines that outside events took a moment ago
	Gated       []string       `json:"gated,omitempty"`        // marks whose gate was seen to hold

	Agenda []event       `json:"agenda"`          // in the order in which they happen
	Conns  map[int]*conn `json:"conns,omitempty"` // open connections
	Seq    int           `json:"seq"`             // last number given to a machine, connection or event
	Count  int           `json:"count"`           // machines ever made

	groups  map[string][]*Machine // live machines by app and group
	happens func(event)           // what is due
}

// App is a Fly app.
type App struct {
	Name      string         `json:"name"`
	Org       string         `json:"org,omitempty"`        // its slug, "" is personal
	Machines  []string       `json:"machines,omitempty"`   // live ones, in the list's order
	Config    *config.App    `json:"config,omitempty"`     // of the last deploy
	Release   int            `json:"release"`              // version of the last one
	ExitDelay time.Duration  `json:"exit_delay,omitempty"` // from a signal to the exit, at most the kill timeout
	Volumes   map[string]int `json:"volumes"`              // unattached ones, by name
	Built     int            `json:"built,omitempty"`      // images built so far

	toml *config.App // what AddApp made, for commands in this process
}

// Machine returns a live machine, or nil.
func (w *World) Machine(id string) *Machine {
	if m := w.Machines[id]; m != nil && m.State != "destroyed" {
		return m
	}
	return nil
}

// Live returns an app's machines in the list's order.
func (w *World) Live(app string) []*Machine {
	var live []*Machine
	if a := w.Apps[app]; a != nil {
		for _, id := range a.Machines {
			live = append(live, w.Machines[id])
		}
	}
	return live
}

// Open returns the number of open connections of a machine.
func (w *World) Open(id string) int {
	if m := w.Machines[id]; m != nil {
		return len(m.conns)
	}
	return 0
}

func (w *World) index() {
	w.groups = map[string][]*Machine{}
	for _, m := range w.Machines {
		m.conns = map[int]*conn{}
	}
	for _, c := range w.Conns {
		if c.Machine != "" {
			w.Machines[c.Machine].conns[c.ID] = c
		}
	}
	for _, a := range w.Apps {
		for _, id := range a.Machines {
			w.enlist(w.Machines[id])
		}
	}
}

func (w *World) enlist(m *Machine) {
	key := m.App + "/" + m.Group()
	w.groups[key] = append(w.groups[key], m)
}

func (w *World) strike(m *Machine) {
	key, a := m.App+"/"+m.Group(), w.Apps[m.App]
	w.groups[key] = slices.DeleteFunc(w.groups[key], func(o *Machine) bool { return o == m })
	a.Machines = slices.DeleteFunc(a.Machines, func(id string) bool { return id == m.ID })
}

func (w *World) image(ref string) *Image {
	if i := w.Images[ref]; i != nil {
		return i
	}
	return &Image{}
}

func (w *World) next() int { w.Seq++; return w.Seq }

// level is a token bucket, as data.
type level struct {
	Left float64   `json:"left"`
	At   time.Time `json:"at"`
}

// ran is a command that was run.
type ran struct {
	ID    int       `json:"id"`
	Name  string    `json:"name"` // "machine cordon"
	Args  []string  `json:"args"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
	Exit  int       `json:"exit"` // -1 while it runs
	Other bool      `json:"other,omitempty"`
}

// String is the command line.
func (r *ran) String() string { return strings.Join(r.Args, " ") }

// A loss is a machine that an outside event took from those that take traffic,
// or from a release.
type loss struct {
	At    time.Time `json:"at"`
	Place string    `json:"place"` // app/group/region, or app of mark
}
