package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Groups returns the process groups, sorted.
func (a *App) Groups() []string {
	if len(a.Processes) == 0 {
		return []string{"app"}
	}
	return slices.Sorted(maps.Keys(a.Processes))
}

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
	m := Machine{Restart: Restart{Policy: "on-failure", MaxRetries: 10}}
	if old != nil {
		m = old.Clone()
	}
	m.Init, m.Services, m.Checks, m.Mounts = Init{}, nil, nil, nil
	if cmd := a.Processes[group]; cmd != "" {
		m.Init.Cmd = strings.Fields(cmd)
	}
	m.Metadata = Merge(m.Metadata, map[string]string{"fly_platform_version": "v2", "fly_process_group": group})
	m.Env = Merge(a.Env, map[string]string{"FLY_PROCESS_GROUP": group})
	if a.PrimaryRegion != "" {
		m.Env["PRIMARY_REGION"] = a.PrimaryRegion
	}
	if a.HTTP != nil && In(a.HTTP.Processes, group) {
		s := a.HTTP.machine("http")
		s.Ports = []Port{{80, []string{"http"}}, {443, []string{"tls", "http"}}}
		m.Services = append(m.Services, s)
	}
	for _, s := range a.Services {
		if In(s.Processes, group) {
			m.Services = append(m.Services, s.machine(""))
		}
	}
	for name, check := range a.Checks {
		if In(check.Processes, group) {
			m.Checks = Merge(m.Checks, map[string]Check{name: check.Check})
		}
	}
	for _, mount := range a.Mounts {
		if In(mount.Processes, group) {
			m.Mounts = append(m.Mounts, Mount{Path: mount.Destination, Name: mount.Source, Volume: "vol_" + mount.Source})
		}
	}
	if g := a.guest(group); g != (Guest{}) {
		m.Guest = g
	}
	if a.KillSignal != "" || a.KillTimeout != nil {
		m.StopConfig = StopConfig{Signal: a.KillSignal, Timeout: duration(a.KillTimeout)}
	}
	return m
}

// machine is the service as a machine has it; checks are the kind of its plain ones.
func (s AppService) machine(checks string) Service {
	m := Service{
		Protocol: s.Protocol, InternalPort: s.InternalPort, Autostop: s.Autostop, Autostart: s.Autostart,
		MinRunning: s.MinRunning, Ports: s.Ports, Concurrency: s.Concurrency,
	}
	if m.Protocol == "" {
		m.Protocol = "tcp"
	}
	for _, of := range []struct {
		kind   string
		checks []Check
	}{{"http", s.HTTPChecks}, {"tcp", s.TCPChecks}, {checks, s.Checks}} {
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
