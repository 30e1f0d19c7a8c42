package draintest

import "time"

// An Action is what somebody else, or the platform, does to a machine. Nothing
// that it does counts against the rules.
type Action struct {
	// Kind is one of autostop, stop, start, destroy, crash, sick (its checks begin
	// to fail), well, cordon, uncordon, lease (to Owner, For a time), update,
	// unreachable (its host: writes are answered 408, its row has no config),
	// reachable, ungroup (its metadata lose the process group), and deploy, which
	// adds a machine with Image to its group and region, without its mark.
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

// kinds are the kinds of actions.
var kinds = []string{"autostop", "stop", "start", "destroy", "crash", "sick", "well", "cordon", "uncordon", "lease", "update",
	"unreachable", "reachable", "ungroup", "deploy"}
