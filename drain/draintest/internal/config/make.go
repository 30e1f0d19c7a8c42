package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultGroup returns the group of machines that name none.
func (a *App) DefaultGroup() string {
	if groups := a.Groups(); !slices.Contains(groups, "app") {
		return groups[0]
	}
	return "app"
}

// In reports whether a process group is one of those named; with none it is.
func In(processes []string, group string) bool {
	return len(processes) == 0 || slices.Contains(processes, group)
}

// Machine returns what a machine of a group is configured with. Of an older one it
// keeps what fly.toml does not decide.
func (a *App) Machine(group string, old *Machine) Machine {
	m := Machine{}
	if old != nil {
		m = old.Clone()
	}
	kept := m.Init
	m.Init, m.Services, m.Checks, m.Mounts, m.Files, m.Metrics, m.Restart, m.StopConfig = Init{TTY: kept.TTY, KernelArgs: kept.KernelArgs}, nil, nil, nil, "", Metrics{}, Restart{}, StopConfig{}
	e := a.Experimental
	m.apply(cmp.Or(a.MachineConfig, e.MachineConfig), filepath.Dir(a.Path))
	m.compose(a.Build.Compose.File, filepath.Dir(a.Path))
	m.Init.Cmd, m.Init.Entrypoint, m.Init.Exec, m.Init.SwapMB = e.Cmd, e.Entrypoint, e.Exec, a.SwapMB
	if cmd := a.Processes[group]; cmd != "" {
		m.Init.Cmd = words(cmd)
	}
	m.Metadata = Merge(m.Metadata, map[string]string{"fly_platform_version": "v2", "fly_process_group": group})
	m.Env = Merge(a.Env, map[string]string{"FLY_PROCESS_GROUP": group})
	if a.PrimaryRegion != "" {
		m.Env["PRIMARY_REGION"] = a.PrimaryRegion
	}
	if a.HTTP != nil && In(a.HTTP.Processes, group) {
		s := a.HTTP.machine("http")
		s.Protocol = "tcp"
		s.Ports = []Port{{Port: 80, Handlers: []string{"http"}, ForceHTTPS: a.HTTP.ForceHTTPS}, {Port: 443, Handlers: []string{"http", "tls"}}}
		m.Services = append(m.Services, s)
	}
	for _, s := range a.Services {
		if In(s.Processes, group) {
			m.Services = append(m.Services, s.machine(""))
		}
	}
	for name, check := range a.Checks {
		if In(check.Processes, group) {
			if check.Port == 0 && len(m.Services) > 0 {
				check.Port = m.Services[0].InternalPort
			}
			m.Checks = Merge(m.Checks, map[string]Check{name: check.Check})
		}
	}
	for _, mount := range a.Mounts {
		if In(mount.Processes, group) {
			m.Mounts = append(m.Mounts, Mount{Path: mount.Destination, Name: mount.Source, Volume: "vol_" + mount.Source})
		}
	}
	if m.Metrics = (Metrics{e.MetricsPort, e.MetricsPath}); e.MetricsPort == 0 {
		m.Metrics = Metrics{}
	}
	for _, one := range a.Metrics {
		if In(one.Processes, group) {
			m.Metrics = one.Metrics
		}
	}
	for _, one := range a.Restart {
		if In(one.Processes, group) {
			m.Restart = Restart{Policy: one.Policy, MaxRetries: one.Retries}
			if one.Policy == "never" {
				m.Restart.Policy = "no"
			}
		}
	}
	m.Guest = cmp.Or(a.guest(group), m.Guest)
	m.Guest.HostDedicationID = cmp.Or(a.HostDedicationID, m.Guest.HostDedicationID)
	m.StopConfig = cmp.Or(StopConfig{Signal: a.KillSignal, Timeout: cmp.Or(duration(a.KillTimeout), duration(e.KillTimeout))}, m.StopConfig)
	return m
}

// apply lays a machine_config over the machine: JSON, or a file with it.
func (m *Machine) apply(text, dir string) {
	if text != "" && !strings.HasPrefix(text, "{") {
		data, _ := os.ReadFile(filepath.Join(dir, text)) // none lays over nothing
		text = string(data)
	}
	_ = json.Unmarshal([]byte(text), m)
}

// compose takes the containers of a compose file, which must be written as JSON. One
// without an image runs the release's, which the caller knows.
func (m *Machine) compose(file, dir string) {
	var of struct {
		Services map[string]struct {
			Image string            `json:"image"`
			Env   map[string]string `json:"environment"`
		} `json:"services"`
	}
	data, err := os.ReadFile(filepath.Join(dir, file))
	if file == "" || err != nil || json.Unmarshal(data, &of) != nil {
		return
	}
	var all []map[string]any
	for _, name := range slices.Sorted(maps.Keys(of.Services)) {
		c := map[string]any{"name": name, "image": cmp.Or(of.Services[name].Image, Released)}
		if env := of.Services[name].Env; len(env) > 0 {
			c["env"] = env
		}
		all = append(all, c)
	}
	data, _ = json.Marshal(all) // of texts, it never fails
	m.Containers = Raw(data)
}

// Released stands for the image of a release in a container of a compose file.
const Released = "RELEASED"

// words parts a command as a shell does.
func words(cmd string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	open := false
	for _, r := range cmd + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, open = r, true
		case quote == 0 && r == ' ':
			if open {
				out = append(out, word.String())
			}
			word.Reset()
			open = false
		default:
			open = true
			word.WriteRune(r)
		}
	}
	return out
}

// machine is the service as a machine has it; checks are the kind of its plain ones.
func (s AppService) machine(checks string) Service {
	m := Service{
		Protocol: s.Protocol, InternalPort: s.InternalPort, Autostop: s.Autostop, Autostart: s.Autostart,
		MinRunning: s.MinRunning, Ports: s.Ports, Concurrency: s.Concurrency,
	}
	for _, of := range []struct {
		kind   string
		checks []Check
	}{{"tcp", s.TCPChecks}, {"http", s.HTTPChecks}, {checks, s.Checks}} {
		for _, c := range of.checks {
			if c.Type = of.kind; c.Type != "" {
				m.Checks = append(m.Checks, c)
			}
		}
	}
	return m
}

// guest is what [[vm]] says of a group: the entry that names it, else the one for all.
func (a *App) guest(group string) (g Guest) {
	found := false
	for _, vm := range a.VM {
		if slices.Contains(vm.Processes, group) || len(vm.Processes) == 0 && !found {
			found, g = true, Sized(vm.Size)
			g.CPUKind, g.CPUs = cmp.Or(vm.CPUKind, g.CPUKind), cmp.Or(vm.CPUs, g.CPUs)
			g.MemoryMB = cmp.Or(Megabytes(fmt.Sprint(vm.Memory)), vm.MemoryMB, g.MemoryMB)
		}
	}
	return g
}

// Sized reads a size such as performance-2x; "" is shared-cpu-1x.
func Sized(size string) Guest {
	kind, n := "shared", size[strings.LastIndex(size, "-")+1:]
	cpus, err := strconv.Atoi(strings.TrimSuffix(n, "x"))
	if err != nil {
		cpus = 1
	}
	mb := 256
	if strings.HasPrefix(size, "performance-") {
		kind, mb = "performance", 2048
	}
	return Guest{CPUKind: kind, CPUs: cpus, MemoryMB: mb * cpus}
}

// Megabytes reads 512, 512mb or 1gb; 0 is none.
func Megabytes(s string) int {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "b")
	number, giga := strings.CutSuffix(s, "g")
	n, err := strconv.Atoi(strings.TrimSuffix(number, "m"))
	if err != nil {
		return 0
	}
	if giga {
		n *= 1024
	}
	return n
}

func duration(v any) string {
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

// Merge returns a map of all that several hold; the later one wins.
func Merge[K comparable, V any](all ...map[K]V) map[K]V {
	m := map[K]V{}
	for _, one := range all {
		maps.Copy(m, one)
	}
	return m
}
