package draintest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AppConfig is a fly.toml.
type AppConfig struct {
	App           string             `json:"app,omitempty"`
	PrimaryRegion string             `json:"primary_region,omitempty"`
	KillSignal    string             `json:"kill_signal,omitempty"`
	KillTimeout   any                `json:"kill_timeout,omitempty"`
	Build         *TomlBuild         `json:"build,omitempty"`
	Deploy        *TomlDeploy        `json:"deploy,omitempty"`
	Env           map[string]string  `json:"env,omitempty"`
	Processes     map[string]string  `json:"processes,omitempty"`
	Mounts        []TomlMount        `json:"mounts,omitempty"`
	HTTP          *TomlService       `json:"http_service,omitempty"`
	Services      []TomlService      `json:"services,omitempty"`
	Checks        map[string]TomlTop `json:"checks,omitempty"`
	VM            []TomlVM           `json:"vm,omitempty"`

	Path    string `json:"-"` // of the file
	Invalid error  `json:"-"` // a wrong type in it
}

// TomlBuild is [build].
type TomlBuild struct {
	Image      string            `json:"image,omitempty"`
	Dockerfile string            `json:"dockerfile,omitempty"`
	Builder    string            `json:"builder,omitempty"`
	Args       map[string]string `json:"args,omitempty"`
}

// TomlDeploy is [deploy].
type TomlDeploy struct {
	ReleaseCommand string `json:"release_command,omitempty"`
	Strategy       string `json:"strategy,omitempty"`
	WaitTimeout    string `json:"wait_timeout,omitempty"`
}

// TomlMount is [mounts].
type TomlMount struct {
	Source      string   `json:"source,omitempty"`
	Destination string   `json:"destination,omitempty"`
	Processes   []string `json:"processes,omitempty"`
}

// TomlService is [http_service] or one of [[services]].
type TomlService struct {
	Protocol     string       `json:"protocol,omitempty"`
	InternalPort int          `json:"internal_port,omitempty"`
	ForceHTTPS   bool         `json:"force_https,omitempty"`
	Autostop     Autostop     `json:"auto_stop_machines,omitempty"`
	Autostart    *bool        `json:"auto_start_machines,omitempty"`
	MinRunning   *int         `json:"min_machines_running,omitempty"`
	Processes    []string     `json:"processes,omitempty"`
	Ports        []Port       `json:"ports,omitempty"`
	Concurrency  *Concurrency `json:"concurrency,omitempty"`
	Checks       []Check      `json:"checks,omitempty"`
	HTTPChecks   []Check      `json:"http_checks,omitempty"`
	TCPChecks    []Check      `json:"tcp_checks,omitempty"`
}

// TomlTop is one of [checks].
type TomlTop struct {
	Check
	Processes []string `json:"processes,omitempty"`
}

// TomlVM is one of [[vm]].
type TomlVM struct {
	Size      string   `json:"size,omitempty"`
	Memory    any      `json:"memory,omitempty"`
	CPUKind   string   `json:"cpu_kind,omitempty"`
	CPUs      int      `json:"cpus,omitempty"`
	MemoryMB  int      `json:"memory_mb,omitempty"`
	Processes []string `json:"processes,omitempty"`
}

// readToml reads a fly.toml. A wrong type leaves only the app's name, as flyctl has it.
func readToml(path, text string) (*AppConfig, error) {
	raw, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	for _, k := range []string{"mounts", "vm", "services"} {
		if one, ok := raw[k].(map[string]any); ok {
			raw[k] = []any{one}
		}
	}
	if env, ok := raw["env"].(map[string]any); ok {
		for k, v := range env {
			env[k] = fmt.Sprint(v)
		}
	}
	data, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	cfg := &AppConfig{}
	if err := json.Unmarshal(data, cfg); err != nil {
		name, _ := raw["app"].(string)
		cfg = &AppConfig{App: name, Invalid: err}
	}
	cfg.Path = path
	return cfg, nil
}

var opens = regexp.MustCompile(`^\s*"?\w+"?:( [[{])?$`)

// show is what config show prints.
func (c *AppConfig) show() string {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return ""
	}
	var b strings.Builder
	before := true
	for line := range strings.Lines(string(data) + "\n") {
		open := opens.MatchString(strings.TrimSuffix(line, "\n"))
		if open && !before {
			b.WriteString("\n")
		}
		before = open || strings.TrimSpace(line) == "{"
		b.WriteString(line)
	}
	return b.String()
}

func (c *AppConfig) groups() []string {
	if len(c.Processes) == 0 {
		return []string{"app"}
	}
	return sortedKeys(c.Processes)
}

func (c *AppConfig) strategy() string {
	if c.Deploy != nil && c.Deploy.Strategy != "" {
		return c.Deploy.Strategy
	}
	return "rolling"
}

func in(processes []string, group string) bool {
	return len(processes) == 0 || slices.Contains(processes, group)
}

// machine is what a machine of a group is configured with. Of an older one it
// keeps what fly.toml has no say in.
func (c *AppConfig) machine(group string, old *Config) Config {
	var m Config
	if old != nil {
		m = old.clone()
	} else {
		m.Restart = &Restart{Policy: "on-failure", MaxRetries: 10}
	}
	m.Init, m.Services, m.Checks, m.Mounts = Init{}, nil, nil, nil
	if cmd := c.Processes[group]; cmd != "" {
		m.Init.Cmd = strings.Fields(cmd)
	}
	m.Metadata = merge(m.Metadata, map[string]string{"fly_platform_version": "v2", "fly_process_group": group})
	m.Env = merge(c.Env, map[string]string{"FLY_PROCESS_GROUP": group})
	if c.PrimaryRegion != "" {
		m.Env["PRIMARY_REGION"] = c.PrimaryRegion
	}
	if c.HTTP != nil && in(c.HTTP.Processes, group) {
		s := c.HTTP.service(true)
		s.Ports = []Port{{80, []string{"http"}}, {443, []string{"tls", "http"}}}
		m.Services = append(m.Services, s)
	}
	for _, s := range c.Services {
		if in(s.Processes, group) {
			m.Services = append(m.Services, s.service(false))
		}
	}
	for name, check := range c.Checks {
		if in(check.Processes, group) {
			m.Checks = merge(m.Checks, map[string]Check{name: check.Check})
		}
	}
	for _, mount := range c.Mounts {
		if in(mount.Processes, group) {
			m.Mounts = append(m.Mounts, Mount{Path: mount.Destination, Name: mount.Source, Volume: "vol_" + mount.Source})
		}
	}
	if g := c.guest(group); g != nil {
		m.Guest = g
	}
	if c.KillSignal != "" || c.KillTimeout != nil {
		m.StopConfig = &StopConfig{Signal: c.KillSignal, Timeout: tomlDuration(c.KillTimeout)}
	}
	return m
}

func (s TomlService) service(http bool) Service {
	m := Service{
		Protocol: s.Protocol, InternalPort: s.InternalPort, Autostop: s.Autostop, Autostart: s.Autostart,
		MinRunning: s.MinRunning, Ports: s.Ports, Concurrency: s.Concurrency,
	}
	if m.Protocol == "" {
		m.Protocol = "tcp"
	}
	typed := func(kind string, checks []Check) {
		for _, c := range checks {
			c.Type = kind
			m.Checks = append(m.Checks, c)
		}
	}
	typed("http", s.HTTPChecks)
	typed("tcp", s.TCPChecks)
	if http {
		typed("http", s.Checks)
	}
	return m
}

// guest is what [[vm]] says of a group: the entry that names it, else the one for all.
func (c *AppConfig) guest(group string) *Guest {
	var vm *TomlVM
	for i := range c.VM {
		if slices.Contains(c.VM[i].Processes, group) || len(c.VM[i].Processes) == 0 && vm == nil {
			vm = &c.VM[i]
		}
	}
	if vm == nil {
		return nil
	}
	g := guestOf(vm.Size)
	if vm.CPUKind != "" {
		g.CPUKind = vm.CPUKind
	}
	if vm.CPUs != 0 {
		g.CPUs = vm.CPUs
	}
	if mb := megabytes(fmt.Sprint(vm.Memory)); mb != 0 {
		g.MemoryMB = mb
	} else if vm.MemoryMB != 0 {
		g.MemoryMB = vm.MemoryMB
	}
	return g
}

// guestOf reads a size such as performance-2x; "" is shared-cpu-1x.
func guestOf(size string) *Guest {
	g := &Guest{CPUKind: "shared", CPUs: 1, MemoryMB: 256}
	kind, n, ok := cutLast(strings.TrimSuffix(size, "x"), "-")
	if cpus, err := strconv.Atoi(n); ok && err == nil {
		g.CPUs, g.MemoryMB = cpus, 256*cpus
		if kind == "performance" {
			g.CPUKind, g.MemoryMB = "performance", 2048*cpus
		}
	}
	return g
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// megabytes reads 512, 512mb or 1gb; 0 is none.
func megabytes(s string) int {
	s = strings.ToLower(strings.TrimSpace(s))
	factor := 1
	if n := strings.TrimSuffix(strings.TrimSuffix(s, "b"), "g"); n != strings.TrimSuffix(s, "b") {
		s, factor = n, 1024
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(s, "b"), "m"))
	if err != nil {
		return 0
	}
	return n * factor
}

func tomlDuration(v any) string {
	switch v := v.(type) {
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return (time.Duration(n) * time.Second).String()
		}
		return v
	case float64:
		return (time.Duration(v) * time.Second).String()
	}
	return ""
}

func merge[K comparable, V any](all ...map[K]V) map[K]V {
	m := map[K]V{}
	for _, one := range all {
		maps.Copy(m, one)
	}
	return m
}
