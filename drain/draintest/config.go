package draintest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Config is a machine's configuration, as the Machines API spells it.
type Config struct {
	Env         map[string]string `json:"env,omitempty"`
	Init        Init              `json:"init"`
	Guest       *Guest            `json:"guest,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	Mounts      []Mount           `json:"mounts,omitempty"`
	Services    []Service         `json:"services,omitempty"`
	Checks      map[string]Check  `json:"checks,omitempty"`
	Image       string            `json:"image,omitempty"`
	AutoDestroy bool              `json:"auto_destroy,omitempty"`
	Restart     *Restart          `json:"restart,omitempty"`
	Standbys    []string          `json:"standbys,omitempty"`
	StopConfig  *StopConfig       `json:"stop_config,omitempty"`
	Containers  []Container       `json:"containers,omitempty"`
}

// Init is what a machine runs; empty means the image's own command.
type Init struct {
	Cmd []string `json:"cmd,omitempty"`
}

// Guest is the size of a machine.
type Guest struct {
	CPUKind  string `json:"cpu_kind,omitempty"`
	CPUs     int    `json:"cpus,omitempty"`
	MemoryMB int    `json:"memory_mb,omitempty"`
}

// Mount is a volume in a machine.
type Mount struct {
	Path   string `json:"path,omitempty"`
	Volume string `json:"volume,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Container is one of several containers in a machine.
type Container struct {
	Name  string `json:"name,omitempty"`
	Image string `json:"image,omitempty"`
}

// Restart is what happens after a machine's process exits.
type Restart struct {
	Policy     string `json:"policy,omitempty"`
	MaxRetries int    `json:"max_retries,omitempty"`
}

// StopConfig is how a machine is stopped: a signal, and the time until SIGKILL.
type StopConfig struct {
	Timeout string `json:"timeout,omitempty"`
	Signal  string `json:"signal,omitempty"`
}

// Service is what the proxy sends to a machine.
type Service struct {
	Protocol         string       `json:"protocol,omitempty"`
	InternalPort     int          `json:"internal_port,omitempty"`
	Autostop         Autostop     `json:"autostop,omitempty"`
	Autostart        *bool        `json:"autostart,omitempty"`
	MinRunning       *int         `json:"min_machines_running,omitempty"`
	Ports            []Port       `json:"ports,omitempty"`
	Checks           []Check      `json:"checks,omitempty"`
	Concurrency      *Concurrency `json:"concurrency,omitempty"`
	ForceInstanceKey *string      `json:"force_instance_key"`
}

// Port is a public port of a service.
type Port struct {
	Port     int      `json:"port,omitempty"`
	Handlers []string `json:"handlers,omitempty"`
}

// Check is a health check; of a service it gates routing, else it does not.
type Check struct {
	Port        int    `json:"port,omitempty"`
	Type        string `json:"type,omitempty"`
	Interval    string `json:"interval,omitempty"`
	Timeout     string `json:"timeout,omitempty"`
	GracePeriod string `json:"grace_period,omitempty"`
	Method      string `json:"method,omitempty"`
	Path        string `json:"path,omitempty"`
}

// Concurrency is the load that a machine takes, in connections or in requests.
type Concurrency struct {
	Type string `json:"type,omitempty"`
	Hard int    `json:"hard_limit,omitempty"`
	Soft int    `json:"soft_limit,omitempty"`
}

// Autostop is "", "off", "stop" or "suspend". The API spells off and stop as
// false and true.
type Autostop string

// MarshalJSON spells it as the API does.
func (a Autostop) MarshalJSON() ([]byte, error) {
	switch a {
	case "off":
		return []byte("false"), nil
	case "stop":
		return []byte("true"), nil
	}
	return json.Marshal(string(a))
}

// UnmarshalJSON reads the API's spelling and fly.toml's.
func (a *Autostop) UnmarshalJSON(data []byte) error {
	switch s := string(data); s {
	case "false", `"off"`:
		*a = "off"
	case "true", `"stop"`:
		*a = "stop"
	case `"suspend"`:
		*a = "suspend"
	default:
		return fmt.Errorf("invalid autostop %s", s)
	}
	return nil
}

// clone is a copy that shares nothing that the simulation changes later.
func (c Config) clone() Config {
	c.Env, c.Metadata, c.Checks = maps.Clone(c.Env), maps.Clone(c.Metadata), maps.Clone(c.Checks)
	c.Services, c.Mounts, c.Standbys = slices.Clone(c.Services), slices.Clone(c.Mounts), slices.Clone(c.Standbys)
	if c.Guest != nil {
		g := *c.Guest
		c.Guest = &g
	}
	return c
}

// autostart says whether the proxy may start a stopped machine for a client.
func (c Config) autostart() bool {
	for _, s := range c.Services {
		if s.Autostart != nil && *s.Autostart {
			return true
		}
	}
	return false
}

// soft is the least soft_limit of the services, 0 if none has any.
func (c Config) soft() int {
	least := 0
	for _, s := range c.Services {
		if s.Concurrency != nil && s.Concurrency.Soft > 0 && (least == 0 || s.Concurrency.Soft < least) {
			least = s.Concurrency.Soft
		}
	}
	return least
}

func (c Config) hasChecks() bool {
	for _, s := range c.Services {
		if len(s.Checks) > 0 {
			return true
		}
	}
	return len(c.Checks) > 0
}
