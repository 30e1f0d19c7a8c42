package check

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// config refuses a fly.toml that would hide our mark, or that has volumes.
func (x *examination) config() *Refusal {
	if mounts := strings.TrimSpace(string(x.cfg.Mounts)); !slices.Contains([]string{"", "null", "[]", "{}"}, mounts) {
		return x.refuse("", "fly.toml has [mounts]: machines with volumes cannot be released blue-green, because a volume belongs to one machine")
	}
	if len(x.cfg.Env[fleet.MarkEnv]) > 0 {
		return x.refuse("", "fly.toml sets %s, by which flydrain knows its releases: remove it from [env]", fleet.MarkEnv)
	}
	if x.cfg.App != "" && x.cfg.App != x.Name {
		x.warn("fly.toml names app %s, but this run releases it to %s: is it the right fly.toml?", x.cfg.App, x.Name)
	}
	gone := map[string]int{}
	for _, m := range x.blue {
		if g := m.Group(); !slices.Contains(x.Config.Groups(), g) {
			gone[g]++
		}
	}
	for _, g := range slices.Sorted(maps.Keys(gone)) {
		x.warn("fly.toml has no process group %s: its machines (%d) will drain and be destroyed, and none replaces them, as with fly deploy: to keep the group, add it to [processes]", g, gone[g])
	}
	green, region := x.Green(), x.cfg.PrimaryRegion
	for _, g := range x.cfg.Groups() {
		if lone := green.Lone(g, region); lone != "" {
			x.warn("flyctl creates the first machine of group %s in the primary region, %s, where blue has none: it will be removed; blue's are in %s", g, region, lone)
		}
	}
	return nil
}

// services refuses services whose connections nobody can count, and warns of what would
// disturb a drain.
func (x *examination) services() *Refusal {
	autostop := slices.ContainsFunc(x.All.Managed(), (*fleet.Machine).Autostops)
	var metrics []int
	for _, m := range x.cfg.Metrics {
		metrics = append(metrics, m.Port)
	}
	for _, g := range x.cfg.Groups() {
		services := capacity.ServicesOf(x.cfg, g)
		for _, s := range services {
			if (s.Protocol == "udp" || s.InternalPort == 0) && !x.Countable {
				return x.refuse("", "nobody can count the connections of a service of group %s (protocol %s, internal port %d), so its machines would drain for ever: remove it from fly.toml if it is a mistake, count by -probe exec=COMMAND or -probe prometheus, or set a deadline (-deadline D -at-deadline stop)",
					g, cmp.Or(s.Protocol, "tcp"), s.InternalPort)
			}
			if slices.Contains(metrics, s.InternalPort) {
				x.warn("[metrics] is on port %d, which is a service's: a scrape counts as a connection while it lasts", s.InternalPort)
			}
			autostop = autostop || autostops(s)
		}
		if len(services) > 0 && !slices.ContainsFunc(services, checked) {
			x.warn("group %s has services without health checks: its machines serve when they have run for %v (-smoke): add [[http_service.checks]]", g, x.Smoke)
		}
	}
	if autostop {
		x.warn("autostop is on: the proxy may stop a draining machine that still has connections: set auto_stop_machines = \"off\" in fly.toml")
	}
	return nil
}

func autostops(s flyctl.AppService) bool {
	return s.Autostop != nil && s.Autostop != false && s.Autostop != "off" && s.Autostop != ""
}

func checked(s flyctl.AppService) bool { return len(s.Checks)+len(s.TCPChecks)+len(s.HTTPChecks) > 0 }
