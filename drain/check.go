package drain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// situation is an app as the check found it, and what shall be made beside it.
type situation struct {
	seen    fleet // all that is managed
	blue    fleet // managed and open: what green will be as strong as
	drains  fleet // managed and cordoned: an earlier release's, or somebody else's doing
	want    capacity
	config  flyctl.AppConfig
	serving map[place]int   // what takes traffic; never to become less by us
	dropped map[string]bool // groups of blue that fly.toml does not have any more
}

// check looks whether a release can begin, by a list that was begun at since or
// later. It changes nothing.
func (a *app) check(ctx context.Context, since time.Time) (situation, error) {
	var s situation
	if _, err := a.fly.Version(ctx); err != nil {
		return s, err
	}
	cfg, err := a.fly.ConfigShow(ctx)
	if err != nil {
		return s, err
	}
	if s.config = cfg; len(cfg.Env[markEnv]) > 0 {
		return s, refuse("%s: fly.toml sets %s, by which flydrain knows its releases: remove it from [env]", a.Name, markEnv).about(a.Name, "")
	}
	f, err := a.machines(ctx, since)
	if err != nil {
		return s, err
	}
	s.seen, s.blue, s.drains, s.serving = f, f.open(), f.cordoned(), f.serving()
	if a.first && len(s.blue) > 0 {
		return s, refuse("%s has %d machines that serve: it is not a first release (First, -first)", a.Name, len(s.blue)).about(a.Name, "")
	}
	if len(s.blue) == 0 && !a.first {
		return s, newError(ErrEmpty, "all %d machines of %s are cordoned, so there is no capacity to copy: uncordon the machines that should serve", len(f), a.Name).
			about(a.Name, "").mend(machineCommand("uncordon", a.Name, strings.Join(f.ids(), " ")))
	}
	s.want, s.dropped = wanted(s.blue, cfg), map[string]bool{}
	for _, m := range s.blue {
		if !slices.Contains(cfg.Groups(), m.Group()) {
			s.dropped[m.Group()] = true
		}
	}
	for g := range s.groups() {
		if err := flyctl.ValidateGroup(g); err != nil {
			return s, err
		}
	}
	return s, a.checkMachines(s, f)
}

// checkMachines refuses what cannot be blue-green, and warns of what may disturb it.
func (a *app) checkMachines(s situation, f fleet) error {
	groups := s.groups()
	var volumes, unreachable, autostop []string
	for _, m := range f {
		if len(m.Config.Mounts) > 0 && groups[m.Group()] {
			volumes = append(volumes, m.ID)
		}
		if !m.Reachable() {
			unreachable = append(unreachable, m.ID)
		}
		if m.Autostops() {
			autostop = append(autostop, m.ID)
		}
	}
	mounts := strings.TrimSpace(string(s.config.Mounts))
	switch {
	case len(volumes) > 0:
		return refuse("%s: machines with volumes cannot be blue-green, as a volume is attached to one machine: %s", a.Name, strings.Join(volumes, " ")).about(a.Name, "")
	case !slices.Contains([]string{"", "null", "[]", "{}"}, mounts):
		return refuse("%s: fly.toml has [mounts]: machines with volumes cannot be blue-green, as a volume is attached to one machine", a.Name).about(a.Name, "")
	case len(unreachable) > 0 && !a.allowUnreachable:
		return refuse("%s: Fly cannot reach the hosts of these machines, so their state is unknown: %s: wait, or continue all the same (AllowUnreachable, -allow-unreachable)", a.Name, strings.Join(unreachable, " ")).about(a.Name, "")
	case len(unreachable) > 0:
		a.warn("Fly cannot reach the hosts of " + strings.Join(unreachable, " "))
	}
	if len(autostop) > 0 {
		a.warn("autostop is on: the proxy may stop a draining machine that still has connections: set auto_stop_machines = \"off\"")
	}
	for _, m := range s.drains {
		if mk, ok := markOf(m); !ok {
			a.warn(fmt.Sprintf("machine %s was cordoned outside flydrain; green will not replace it", m.ID))
		} else {
			a.warn(fmt.Sprintf("machine %s still drains, or is held, from release %s", m.ID, mk.id))
		}
	}
	return nil
}

func (s situation) groups() map[string]bool {
	groups := map[string]bool{}
	for sl := range s.want {
		groups[sl.group] = true
	}
	return groups
}

// strays are the machines that a dead run's flyctl has made since: they were not
// there, and are of an earlier release that is not in service.
func (s situation) strays(f fleet, mk mark) fleet {
	return f.managed().where(func(m flyctl.Machine) bool {
		own, ok := markOf(m)
		_, known := s.seen.find(m.ID)
		inService := slices.ContainsFunc(s.blue, func(b flyctl.Machine) bool { return generation(b) == own.id })
		return ok && own.id < mk.id && !known && !inService
	})
}

// newMark names a release of these apps that begins now.
func (s situation) newMark(id string, apps int) mark {
	return mark{id: id, apps: apps, machines: s.want.total()}
}
