package drain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/probe"
)

// released is fly.toml with only the groups that are released.
func (a *app) released() flyctl.AppConfig {
	cfg := a.config
	if len(a.Groups) > 0 && len(cfg.Processes) > 0 {
		cfg.Processes = maps.Clone(cfg.Processes)
		maps.DeleteFunc(cfg.Processes, func(g, _ string) bool { return !slices.Contains(a.Groups, g) })
	}
	return cfg
}

// flagValue returns the value of a flag among those that go to flyctl: the last one.
func flagValue(args []string, flag string) (value string) {
	for i, arg := range args {
		if joined, is := strings.CutPrefix(arg, flag+"="); is {
			value = joined
		} else if i > 0 && args[i-1] == flag {
			value = arg
		}
	}
	return value
}

// examineGroups refuses groups that are not in fly.toml, and to leave out one that
// has machines: they would serve on beside the new release.
func (a *app) examineGroups(blue fleet.List) error {
	if len(a.Groups) == 0 {
		return nil
	}
	for _, g := range a.Groups {
		if !slices.Contains(a.config.Groups(), g) {
			return a.refuse("", "%s: fly.toml has no process group %s (Groups, -groups): it has %s", a.Name, g, strings.Join(a.config.Groups(), ", "))
		}
	}
	for _, m := range blue {
		if g := m.Group(); !slices.Contains(a.Groups, g) && slices.Contains(a.config.Groups(), g) {
			return a.refuse(m.ID, "%s: group %s has machines, so it must be released too: add it to Groups (-groups), or scale it to 0", a.Name, g)
		}
	}
	return nil
}

// examineConfig refuses what fly.toml and the machines show to be impossible, and
// warns of what would disturb the release or the next drain.
func (a *app) examineConfig(all, blue fleet.List, goal rollout.App) error {
	cfg := a.released()
	if cfg.App != "" && cfg.App != a.Name {
		a.warn(fmt.Sprintf("fly.toml is of app %s, and it is released to %s: is it the right fly.toml?", cfg.App, a.Name))
	}
	for _, m := range blue {
		if m.Config.Guest.GPUs > 0 && slices.Contains(cfg.Groups(), m.Group()) {
			return a.refuse(m.ID, "%s: machine %s has a GPU, and flyctl creates no machines with GPUs any more (since v0.4.82): use fly deploy", a.Name, m.ID)
		}
	}
	var metrics []int
	for _, m := range cfg.Metrics {
		metrics = append(metrics, m.Port)
	}
	autostop := blue.Where(func(m *fleet.Machine) bool { return m.Autostops() })
	for _, g := range cfg.Groups() {
		services := fleet.ServicesOf(cfg, g)
		for _, s := range services {
			if (s.Protocol == "udp" || s.InternalPort == 0) && !a.countsAll() {
				return a.refuse("", "%s: nobody can count the connections of a service of group %s (protocol %s, internal port %d), so its machines would drain for ever: remove it from fly.toml if it is a mistake, count by -probe exec=COMMAND or -probe prometheus, or set a deadline (-deadline D -at-deadline stop)",
					a.Name, g, cmp.Or(s.Protocol, "tcp"), s.InternalPort)
			}
			if slices.Contains(metrics, s.InternalPort) {
				a.warn(fmt.Sprintf("[metrics] is on port %d, which is a service's: a scrape counts as a connection while it lasts", s.InternalPort))
			}
			if autostops(s) && len(autostop) == 0 {
				a.warn("fly.toml has autostop on: the proxy may stop a draining machine that still has connections: set auto_stop_machines = \"off\"")
			}
		}
		if len(services) > 0 && !slices.ContainsFunc(services, checked) {
			a.warn(fmt.Sprintf("group %s has services without health checks: its machines serve when they have run for %v (-smoke): add [[http_service.checks]]", g, a.Smoke))
		}
		if lone := goal.Want.Lone(g, goal.Region); lone != "" {
			a.warn(fmt.Sprintf("flyctl creates the first machine of group %s in the primary region, %s, where blue has none: it will be removed; blue's are in %s", g, goal.Region, lone))
		}
	}
	for _, m := range all {
		if !m.Thin && !m.Managed() && !m.Gone() {
			for _, port := range publicPorts(m) {
				if i := slices.IndexFunc(blue, func(b *fleet.Machine) bool { return slices.Contains(publicPorts(b), port) }); i >= 0 {
					a.warn(fmt.Sprintf("machine %s, which fly deploy does not manage, has a service on port %d too: it keeps serving beside the new release: fly machine destroy -a %s %s, if it is not meant to", m.ID, port, a.Name, m.ID))
				}
			}
		}
	}
	return nil
}

// countsAll reports whether a drain ends though sockets cannot be counted.
func (a *app) countsAll() bool {
	_, sockets := a.Probe.(probe.Sockets)
	return !sockets || a.AtDeadline == StopMachine
}

func autostops(s flyctl.AppService) bool {
	return s.Autostop != nil && s.Autostop != false && s.Autostop != "off" && s.Autostop != ""
}

func checked(s flyctl.AppService) bool { return len(s.Checks)+len(s.TCPChecks)+len(s.HTTPChecks) > 0 }

// publicPorts are those on which Fly's proxy takes connections for a machine.
func publicPorts(m *fleet.Machine) []int {
	var ports []int
	for _, s := range m.Config.Services {
		for _, p := range s.Ports {
			ports = append(ports, p.Port)
		}
	}
	return slices.DeleteFunc(ports, func(p int) bool { return p == 0 })
}
