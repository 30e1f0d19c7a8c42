package flyctl

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Machine is one row of "fly machine list --json", as far as a deploy needs it.
type Machine struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	State      string    `json:"state"` // created, starting, started, stopping, stopped, suspended, failed, …
	Region     string    `json:"region"`
	InstanceID string    `json:"instance_id"` // changes when the VM is replaced
	CreatedAt  time.Time `json:"created_at"`  // whole seconds
	HostStatus string    `json:"host_status"` // ok, unknown, unreachable
	Cordoned   bool      `json:"cordoned"`
	ImageRef   ImageRef  `json:"image_ref"`
	Checks     []Check   `json:"checks"`
	Events     []Event   `json:"events"`
	Config     Config    `json:"config"`
	Nonce      string    `json:"nonce"` // there while somebody holds its lease; a secret
	Thin       bool      `json:"-"`     // the row does not say what the machine is
}

// ImageRef is the image that a machine runs. A clone's is pinned to the digest,
// so comparing two of them tells nothing.
type ImageRef struct {
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	Digest     string `json:"digest"`
}

// Same tells whether two references are of one image, as far as they tell.
func (r ImageRef) Same(as ImageRef) bool {
	if r.Digest != "" && as.Digest != "" {
		return r.Digest == as.Digest
	}
	return r.Registry == as.Registry && r.Repository == as.Repository && r.Tag == as.Tag
}

// String gives the reference as a deploy takes it, by digest where there is one.
func (r ImageRef) String() string {
	s := r.Repository
	if r.Registry != "" {
		s = r.Registry + "/" + s
	}
	switch {
	case r.Digest != "":
		return s + "@" + r.Digest
	case r.Tag != "":
		return s + ":" + r.Tag
	}
	return s
}

// Check is the state of a health check: passing, warning or critical.
type Check struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Output string `json:"output"`
}

// Event is an entry of a machine's own log: launch, start, exit, stop, restart, …
type Event struct {
	Type      string `json:"type"`
	Status    string `json:"status"`
	Timestamp int64  `json:"timestamp"` // milliseconds since 1970
	Request   struct {
		Exit *Exit `json:"exit_event"`
	} `json:"request"`
}

// Exit is how a machine's program ended.
type Exit struct {
	ExitCode      int  `json:"exit_code"`
	OOMKilled     bool `json:"oom_killed"`
	RequestedStop bool `json:"requested_stop"` // a user or the proxy stopped it
}

// Config is what a machine was made with.
type Config struct {
	Image      string                     `json:"image"`
	Env        map[string]string          `json:"env"`
	Metadata   map[string]string          `json:"metadata"`
	Guest      Guest                      `json:"guest"`
	Services   []Service                  `json:"services"`
	Checks     map[string]json.RawMessage `json:"checks"`
	Mounts     []json.RawMessage          `json:"mounts"`
	Containers []json.RawMessage          `json:"containers"`
	Standbys   []string                   `json:"standbys"` // the machines it stands in for; it is stopped until one fails
	StopConfig StopConfig                 `json:"stop_config"`
}

// Guest is a machine's size.
type Guest struct {
	CPUKind  string `json:"cpu_kind"` // shared, performance
	CPUs     int    `json:"cpus"`
	MemoryMB int    `json:"memory_mb"`
	GPUs     int    `json:"gpus"`
	GPUKind  string `json:"gpu_kind"`
}

func (g Guest) String() string { return fmt.Sprintf("%s-cpu-%dx:%dMB", g.CPUKind, g.CPUs, g.MemoryMB) }

// Service is a port that Fly's proxy sends connections to.
type Service struct {
	Protocol     string            `json:"protocol"` // tcp, udp
	InternalPort int               `json:"internal_port"`
	Autostop     Autostop          `json:"autostop"`
	Autostart    bool              `json:"autostart"`
	Concurrency  Concurrency       `json:"concurrency"`
	Checks       []json.RawMessage `json:"checks"`
}

// Concurrency is how much the proxy sends to a machine.
type Concurrency struct {
	Type      string `json:"type"` // connections, requests
	SoftLimit int    `json:"soft_limit"`
	HardLimit int    `json:"hard_limit"`
}

// StopConfig is the signal and the grace with which the app wants to be
// stopped, from fly.toml's kill_signal and kill_timeout; empty: Fly's defaults,
// SIGINT and 5s. https://fly.io/docs/reference/configuration/#kill_timeout
type StopConfig struct {
	Signal  string   `json:"signal"`
	Timeout Duration `json:"timeout"`
}

// Duration is a time.Duration that Fly writes as "5s", or as nanoseconds.
type Duration time.Duration

// UnmarshalJSON takes both spellings; null and "" leave it as it is.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return json.Unmarshal(data, (*int64)(d))
	}
	if s == "" {
		return nil
	}
	v, err := time.ParseDuration(s)
	*d = Duration(v)
	return err
}

// Autostop is what the proxy does to a machine that it thinks idle: off, stop or suspend.
type Autostop string

// UnmarshalJSON takes booleans too: flyctl prints false for off and true for stop.
func (a *Autostop) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "false", "null":
		*a = "off"
		return nil
	case "true":
		*a = "stop"
		return nil
	}
	return json.Unmarshal(data, (*string)(a))
}

// Group is the machine's process group.
func (m Machine) Group() string {
	if g := m.Config.Metadata["fly_process_group"]; g != "" {
		return g
	}
	return m.Config.Metadata["process_group"]
}

// Managed tells whether "fly deploy" made the machine and will update it.
// Release commands, consoles and what "fly machine run" made are not managed.
func (m Machine) Managed() bool {
	switch m.Group() {
	case "", "fly_app_release_command", "fly_app_console", "fly_app_test_machine_command":
		return false
	}
	return m.Config.Metadata["fly_platform_version"] == "v2"
}

// Started tells whether the machine runs.
func (m Machine) Started() bool { return m.State == "started" }

// Stopped tells whether the machine rests, and can be destroyed without force.
func (m Machine) Stopped() bool { return m.State == "stopped" || m.State == "suspended" }

// Crashed tells whether the machine rests because its program failed, as far as
// its events tell: nobody had asked it to stop.
func (m Machine) Crashed() bool {
	var last *Exit
	var at int64
	for _, e := range m.Events {
		if e.Request.Exit != nil && e.Timestamp >= at {
			last, at = e.Request.Exit, e.Timestamp
		}
	}
	return m.Stopped() && last != nil && !last.RequestedStop && (last.ExitCode != 0 || last.OOMKilled)
}

// Gone tells whether the machine has been destroyed, or is on its way there.
func (m Machine) Gone() bool { return m.State == "destroyed" || m.State == "destroying" }

// Reachable tells whether Fly can speak with the machine's host.
func (m Machine) Reachable() bool { return m.HostStatus == "" || m.HostStatus == "ok" }

// Standby tells whether the machine only stands in for others.
func (m Machine) Standby() bool { return len(m.Config.Standbys) > 0 }

// Autostops tells whether the proxy may stop the machine.
func (m Machine) Autostops() bool {
	return slices.ContainsFunc(m.Config.Services, func(s Service) bool { return s.Autostop != "" && s.Autostop != "off" })
}

// Autostarts tells whether the proxy starts the machine when a connection comes.
func (m Machine) Autostarts() bool {
	return slices.ContainsFunc(m.Config.Services, func(s Service) bool { return s.Autostart })
}

// ConfiguredChecks is how many health checks the machine has. Its list of
// results can be shorter just after a launch.
func (m Machine) ConfiguredChecks() int {
	n := len(m.Config.Checks)
	for _, s := range m.Config.Services {
		n += len(s.Checks)
	}
	return n
}

// Healthy tells whether the machine runs and all its checks pass.
func (m Machine) Healthy() bool {
	if !m.Started() || len(m.Checks) < m.ConfiguredChecks() {
		return false
	}
	return !slices.ContainsFunc(m.Checks, func(c Check) bool { return c.Status != "passing" })
}
