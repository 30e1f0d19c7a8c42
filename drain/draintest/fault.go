package draintest

import "time"

// A Fault is something that goes wrong, as data. Which commands: Command, and
// Machine or App where given. When: not the first Skip times, then Times times
// (0 is always). What: the fields after these.
//
// Status, Slow and Hang strike an API call: the one that Call names (get, list,
// lease, release, create, update, cordon, uncordon, start, stop, restart, destroy,
// exec, logs, build, create app, list apps, destroy app), else the one that the command is for. Keep, Exit and Outlive strike
// the command as a whole; View strikes its list.
type Fault struct {
	Command string `json:"command"` // "machine cordon", "deploy"; "" is any
	Call    string `json:"call,omitempty"`
	App     string `json:"app,omitempty"`
	Machine string `json:"machine,omitempty"`
	Skip    int    `json:"skip,omitempty"`
	Times   int    `json:"times,omitempty"`

	Status      int           `json:"status,omitempty"` // refused so; 502 and 503 are repeated by flyctl
	Message     string        `json:"message,omitempty"`
	AfterEffect bool          `json:"after_effect,omitempty"` // Status, Slow, Hang: when it has taken effect
	Slow        time.Duration `json:"slow,omitempty"`         // this much longer
	Hang        bool          `json:"hang,omitempty"`         // until interrupted

	Cut     bool `json:"cut,omitempty"`     // its standard output ends after Keep bytes
	Keep    int  `json:"keep,omitempty"`    // see Cut
	Exit    int  `json:"exit,omitempty"`    // exit code of a command that succeeded
	Outlive bool `json:"outlive,omitempty"` // in process: continues when its context ends

	// View is what is wrong with the list: stale (of an Age ago), empty, short (it
	// lacks a Region, or the Machine), or of the Machine's row, of all rows where none
	// is given: no-cordoned, no-config, no-image, 1970 (its times).
	View   string        `json:"view,omitempty"`
	Age    time.Duration `json:"age,omitempty"`
	Region string        `json:"region,omitempty"`

	Seen int `json:"seen,omitempty"` // how often it matched
	Hung int `json:"hung,omitempty"` // how many have hung
}

// mainCalls says what a command is for.
var mainCalls = map[string][]string{
	"version": {"version"}, "config show": {"config"},
	"deploy": {"build", "create", "update"}, "machine clone": {"create"}, "machine update": {"update"},
	"machine list": {"list"}, "machine cordon": {"cordon"}, "machine uncordon": {"uncordon"},
	"apps create": {"create app"}, "apps list": {"list apps"}, "apps destroy": {"destroy app"}, "machine restart": {"restart"},
	"machine start": {"start"}, "machine stop": {"stop"}, "machine destroy": {"destroy"}, "machine exec": {"exec"}, "logs": {"logs"},
}

func (f *Fault) onCall() bool { return f.Status != 0 || f.Slow != 0 || f.Hang }

// strikes reports whether the fault says what goes wrong.
func (f *Fault) strikes() bool {
	lacks := f.View == "" || f.View == "stale" && f.Age == 0 || f.View == "short" && f.Region+f.Machine == ""
	return f.onCall() || f.Cut || f.Exit != 0 || f.Outlive || !lacks
}
