package flyctl

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Machine is one row of "fly machine list --json": the part that a deploy needs.
type Machine struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	State      string    `json:"state"` // created, starting, started, stopping, stopped, suspended, failed, …
	Region     string    `json:"region"`
	InstanceID string    `json:"instance_id"` // changes when the VM is replaced
	CreatedAt  time.Time `json:"created_at"`  // whole seconds
	UpdatedAt  time.Time `json:"-"`           // when something of it last changed; zero if the list does not say
	HostStatus string    `json:"host_status"` // ok, unknown, unreachable
	Cordoned   bool      `json:"cordoned"`
	ImageRef   ImageRef  `json:"image_ref"`
	Checks     []Check   `json:"checks"`
	Events     []Event   `json:"events"`
	Config     Config    `json:"config"`
	Nonce      string    `json:"nonce"` // there while somebody holds its lease; a secret

	// Thin reports that the row does not say what the machine is: it has no
	// configuration, no image, or no time of creation after 1970. Config is then not
	// to be believed: an empty one is not the machine's. Fly lists such rows now and
	// then, also for machines on hosts that answer.
	Thin bool `json:"-"`
}

// ImageRef is the image that a machine runs. A clone's is pinned to the digest, so
// compare two with [ImageRef.Same] only.
type ImageRef struct {
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	Digest     string `json:"digest"`
}

// Same reports whether r and as are the same image: by digest if both have one,
// else by name and tag.
func (r ImageRef) Same(as ImageRef) bool {
	if r.Digest != "" && as.Digest != "" {
		return r.Digest == as.Digest
	}
	return r.Registry == as.Registry && r.Repository == as.Repository && r.Tag == as.Tag
}

// String returns the reference as a deploy takes it, by digest if there is one.
func (r ImageRef) String() string {
	s := strings.TrimPrefix(r.Registry+"/"+r.Repository, "/")
	switch {
	case r.Digest != "":
		return s + "@" + r.Digest
	case r.Tag != "":
		return s + ":" + r.Tag
	}
	return s
}

// Check is the state of a health check. Its name and its output are as [Printable]
// makes them safe.
type Check struct {
	Name      string    `json:"name"`
	Status    string    `json:"status"` // passing, warning, critical
	Output    string    `json:"output"`
	UpdatedAt time.Time `json:"updated_at"` // since when it has this status; zero if the list does not say
}

// Event is an entry of a machine's own log.
type Event struct {
	Type      string `json:"type"` // launch, start, exit, stop, restart, …
	Status    string `json:"status"`
	Timestamp int64  `json:"timestamp"` // milliseconds since 1970
	Request   struct {
		Exit *Exit `json:"exit_event"`
	} `json:"request"`
}

// Exit says how a machine's program ended.
type Exit struct {
	ExitCode      int  `json:"exit_code"`
	OOMKilled     bool `json:"oom_killed"`
	RequestedStop bool `json:"requested_stop"` // a user or the proxy stopped it
}

// String returns the exit code, and what else ended it.
func (e Exit) String() string {
	text := fmt.Sprintf("exit code %d", e.ExitCode)
	if e.OOMKilled {
		text += " (oom_killed: the machine ran out of memory)"
	}
	return text
}

// Config is a machine's configuration, as it was made or last updated.
type Config struct {
	Image      string                     `json:"image"`
	Env        map[string]string          `json:"env"`
	Metadata   map[string]string          `json:"metadata"`
	Guest      Guest                      `json:"guest"`
	Services   []Service                  `json:"services"`
	Checks     map[string]json.RawMessage `json:"checks"`
	Mounts     []json.RawMessage          `json:"mounts"`
	Containers []json.RawMessage          `json:"containers"`
	Standbys   []string                   `json:"standbys"` // the machines it stands in for
	StopConfig StopConfig                 `json:"stop_config"`

	// Kept is what else people can have set on a machine and "fly deploy" keeps as it
	// updates it, in JSON, by its name in the Machines API, such as guest.kernel_args.
	Kept map[string]json.RawMessage `json:"-"`
}

// Guest is a machine's size.
type Guest struct {
	CPUKind  string `json:"cpu_kind"` // shared, performance
	CPUs     int    `json:"cpus"`
	MemoryMB int    `json:"memory_mb"`
	GPUs     int    `json:"gpus"`
	GPUKind  string `json:"gpu_kind"`
}

// String returns the size as "shared-cpu-1x:256MB".
func (g Guest) String() string { return fmt.Sprintf("%s-cpu-%dx:%dMB", g.CPUKind, g.CPUs, g.MemoryMB) }

// Service is a port that Fly's proxy sends connections to.
type Service struct {
	Protocol     string   `json:"protocol"` // tcp, udp
	InternalPort int      `json:"internal_port"`
	Autostop     string   `json:"autostop"` // off, stop, suspend: what the proxy does when it thinks the machine idle
	Autostart    bool     `json:"autostart"`
	Concurrency  struct { // how much the proxy sends to the machine
		Type      string `json:"type"` // connections, requests
		SoftLimit int    `json:"soft_limit"`
		HardLimit int    `json:"hard_limit"`
	} `json:"concurrency"`
	Checks []json.RawMessage `json:"checks"`
	Ports  []struct {
		Port int `json:"port"` // 0 where it is a range
	} `json:"ports"`
}

// StopConfig is how a machine is stopped, from fly.toml's kill_signal and
// kill_timeout. Zero fields are Fly's defaults, SIGINT and 5s.
// https://fly.io/docs/reference/configuration/#kill_timeout
type StopConfig struct {
	Signal  string        `json:"signal"`
	Timeout time.Duration `json:"timeout"` // from the signal to SIGKILL
}

// Group returns the machine's process group: "app" where its metadata name none, as in
// "fly deploy".
func (m Machine) Group() string {
	return cmp.Or(m.Config.Metadata["fly_process_group"], m.Config.Metadata["process_group"], "app")
}

// Managed reports whether "fly deploy" made the machine and will update it.
// Machines for release commands and consoles, and those that "fly machine run"
// made, are not managed. Of a Thin row it reports false, which means nothing.
func (m Machine) Managed() bool {
	switch m.Group() {
	case "fly_app_release_command", "fly_app_console", "fly_app_test_machine_command":
		return false
	}
	return m.Config.Metadata["fly_platform_version"] == "v2"
}

// Started reports whether the machine runs.
func (m Machine) Started() bool { return m.State == "started" }

// Stopped reports whether the machine is stopped or suspended, and so can be
// destroyed without force.
func (m Machine) Stopped() bool { return m.State == "stopped" || m.State == "suspended" }

// LastExit returns how the machine's program last ended, nil where the list does not say.
func (m Machine) LastExit() *Exit {
	var last Event
	for _, e := range m.Events {
		if e.Request.Exit != nil && e.Timestamp >= last.Timestamp {
			last = e
		}
	}
	return last.Request.Exit
}

// Crashed reports whether the machine is stopped because its program failed: its
// last exit event has another code than 0, or says that memory ran out, and no
// request to stop.
func (m Machine) Crashed() bool {
	exit := m.LastExit()
	return m.Stopped() && exit != nil && !exit.RequestedStop && (exit.ExitCode != 0 || exit.OOMKilled)
}

// Gone reports whether the machine is destroyed or being destroyed.
func (m Machine) Gone() bool { return m.State == "destroyed" || m.State == "destroying" }

// Reachable reports whether Fly can reach the machine's host.
func (m Machine) Reachable() bool { return m.HostStatus == "" || m.HostStatus == "ok" }

// Standby reports whether the machine is a standby: it is stopped until one of
// Config.Standbys fails.
func (m Machine) Standby() bool { return len(m.Config.Standbys) > 0 }

// Autostops reports whether the proxy may stop or suspend the machine.
func (m Machine) Autostops() bool {
	return slices.ContainsFunc(m.Config.Services, func(s Service) bool { return s.Autostop != "" && s.Autostop != "off" })
}

// Autostarts reports whether the proxy starts the machine when a connection comes.
func (m Machine) Autostarts() bool {
	return slices.ContainsFunc(m.Config.Services, func(s Service) bool { return s.Autostart })
}

// ConfiguredChecks returns the number of health checks that the machine has. Its
// list of results can be shorter just after a launch.
func (m Machine) ConfiguredChecks() int {
	n := len(m.Config.Checks)
	for _, s := range m.Config.Services {
		n += len(s.Checks)
	}
	return n
}

// Healthy reports whether the machine runs and all its checks pass.
func (m Machine) Healthy() bool {
	return m.Started() && len(m.Checks) >= m.ConfiguredChecks() &&
		!slices.ContainsFunc(m.Checks, func(c Check) bool { return c.Status != "passing" })
}
