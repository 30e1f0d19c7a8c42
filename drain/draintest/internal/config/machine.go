// Package config is how a machine is configured, as the Machines API spells it, and
// how a fly.toml says so.
package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Machine is a machine's configuration.
type Machine struct {
	Env         map[string]string `json:"env,omitempty"`
	Init        Init              `json:"init"`
	Guest       Guest             `json:"guest,omitzero"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	Mounts      []Mount           `json:"mounts,omitempty"`
	Services    []Service         `json:"services,omitempty"`
	Checks      map[string]Check  `json:"checks,omitempty"`
	Image       string            `json:"image,omitempty"`
	AutoDestroy bool              `json:"auto_destroy,omitempty"`
	Restart     Restart           `json:"restart,omitzero"`
	Standbys    []string          `json:"standbys,omitempty"`
	StopConfig  StopConfig        `json:"stop_config,omitzero"`
	Metrics     Metrics           `json:"metrics,omitzero"`

	// What the simulation itself does not look at.
	DNS        Raw    `json:"dns,omitempty"`
	Files      Raw    `json:"files,omitempty"`
	Containers Raw    `json:"containers,omitempty"`
	Rootfs     Raw    `json:"rootfs,omitempty"`
	CacheDrive Raw    `json:"cache_drive,omitempty"`
	Spot       Raw    `json:"spot,omitempty"`
	Schedule   string `json:"schedule,omitempty"`
}

// Raw is a value in JSON; "" is none.
type Raw string

// MarshalJSON returns the value.
func (r Raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// UnmarshalJSON takes the value as it is.
func (r *Raw) UnmarshalJSON(data []byte) error {
	*r = Raw(data)
	return nil
}

// Init is what a machine runs; empty means the image's own command.
type Init struct {
	Cmd        []string `json:"cmd,omitempty"`
	Entrypoint []string `json:"entrypoint,omitempty"`
	Exec       []string `json:"exec,omitempty"`
	KernelArgs []string `json:"kernel_args,omitempty"`
	SwapMB     int      `json:"swap_size_mb,omitempty"`
	TTY        bool     `json:"tty,omitempty"`
}

// Metrics is where Fly's Prometheus finds a machine's own.
type Metrics struct {
	Port int    `json:"port,omitempty"`
	Path string `json:"path,omitempty"`
}

// Guest is the size of a machine.
type Guest struct {
	CPUKind          string `json:"cpu_kind,omitempty"`
	CPUs             int    `json:"cpus,omitempty"`
	MemoryMB         int    `json:"memory_mb,omitempty"`
	MaxMemoryMB      int    `json:"max_memory_mb,omitempty"`
	HostDedicationID string `json:"host_dedication_id,omitempty"`
	PersistRootfs    string `json:"persist_rootfs,omitempty"`
	KernelArgs       Raw    `json:"kernel_args,omitempty"`
	GPUs             int    `json:"gpus,omitempty"`
}

// Mount is a volume in a machine.
type Mount struct {
	Path   string `json:"path,omitempty"`
	Volume string `json:"volume,omitempty"`
	Name   string `json:"name,omitempty"`
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
	Port       int      `json:"port,omitempty"`
	StartPort  int      `json:"start_port,omitempty"`
	EndPort    int      `json:"end_port,omitempty"`
	Handlers   []string `json:"handlers,omitempty"`
	ForceHTTPS bool     `json:"force_https,omitempty"`
	TLS        Raw      `json:"tls_options,omitempty"`
	HTTP       Raw      `json:"http_options,omitempty"`
	ProxyProto Raw      `json:"proxy_proto_options,omitempty"`
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
	Protocol    string `json:"protocol,omitempty"`
	SkipVerify  *bool  `json:"tls_skip_verify,omitempty"`
	Headers     Raw    `json:"headers,omitempty"`
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

var autostops = map[string]Autostop{"false": "off", `"off"`: "off", "true": "stop", `"stop"`: "stop", `"suspend"`: "suspend"}

// MarshalJSON spells it as the API does.
func (a Autostop) MarshalJSON() ([]byte, error) {
	if a == "off" || a == "stop" {
		return json.Marshal(a == "stop")
	}
	return json.Marshal(string(a))
}

// UnmarshalJSON reads the API's spelling and fly.toml's.
func (a *Autostop) UnmarshalJSON(data []byte) error {
	var ok bool
	if *a, ok = autostops[string(data)]; !ok {
		return fmt.Errorf("invalid autostop %s", data)
	}
	return nil
}

// Clone returns a copy that shares nothing that the simulation changes later.
func (m Machine) Clone() Machine {
	m.Env, m.Metadata, m.Checks = maps.Clone(m.Env), maps.Clone(m.Metadata), maps.Clone(m.Checks)
	m.Services, m.Mounts, m.Standbys = slices.Clone(m.Services), slices.Clone(m.Mounts), slices.Clone(m.Standbys)
	return m
}

// Autostart reports whether the proxy may start a stopped machine for a client.
func (m Machine) Autostart() bool {
	return slices.ContainsFunc(m.Services, func(s Service) bool { return s.Autostart != nil && *s.Autostart })
}

// Soft returns the least soft_limit of the services, 0 if none has any.
func (m Machine) Soft() int {
	least := 0
	for _, s := range m.Services {
		if c := s.Concurrency; c != nil && c.Soft > 0 && (least == 0 || c.Soft < least) {
			least = c.Soft
		}
	}
	return least
}

// Checked reports whether it has a health check.
func (m Machine) Checked() bool {
	return len(m.Checks) > 0 || slices.ContainsFunc(m.Services, func(s Service) bool { return len(s.Checks) > 0 })
}
