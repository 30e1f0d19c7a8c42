package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// deploy starts the deploy that makes the first machine of each group.
func (p *preparation) deploy(ctx context.Context, groups []string) {
	opts := p.deployOptions(groups)
	ctx, interrupt := context.WithCancel(ctx)
	p.interrupt = interrupt
	p.deploying, p.progress, p.warned = true, time.Now(), time.Now()
	p.deploys++
	go func() {
		defer interrupt()
		err := p.fly.Deploy(ctx, opts)
		p.done <- func() { p.deploying, p.deployErr, p.ended = false, err, time.Now() }
	}()
}

// watchDeploy ends a deploy that does not end by itself, though all of green is
// there and held; and gives up on one that makes nothing.
func (p *preparation) watchDeploy(listed time.Time) error {
	idle := listed.Sub(p.progress)
	switch {
	case !p.deploying:
	case !p.complete.IsZero() && listed.Sub(p.complete) > silence:
		p.complete = listed
		p.warn("all of green is there and held, and flyctl's deploy does not end: it is interrupted")
		p.interrupt()
	case idle > stall:
		return fmt.Errorf("making green of %s: flyctl's deploy has made no machine in %v: run it by hand to see what it waits for", p.Name, stall)
	case listed.Sub(p.warned) > silence:
		p.warned = listed
		p.warn(fmt.Sprintf("flyctl's deploy has made no machine for %v: it runs a release command, or hangs", idle.Round(time.Minute)))
	}
	return nil
}

// deployOptions are those for some groups, or for all.
func (p *preparation) deployOptions(groups []string) flyctl.DeployOptions {
	opts := flyctl.DeployOptions{
		Image:           p.image,
		ExcludeMachines: append(p.blue.ids(), p.drains.ids()...),
		OnlyNewMachines: true, // also those that somebody makes meanwhile
		Env:             []string{markEnv + "=" + p.mark.String()},
		Guest:           largest(p.blue),
		WaitTimeout:     "none", // else flyctl leases what it makes, and it cannot be held
		Detach:          true,
		Groups:          groups,
		// Its other groups exist, so its release command has run.
		SkipReleaseCommand: len(groups) > 0,
		Extra:              p.Args,
	}
	if p.config.Deploy.Strategy == "canary" {
		opts.Strategy = "rolling" // a canary would be a machine too many
	}
	return opts
}

// fill makes what is missing: by a clone where its group has a machine, by
// another deploy where it has none and the last one has ended.
func (p *preparation) fill(ctx context.Context, missing capacity, seen, surplus fleet, listed time.Time) error {
	var groups []string
	for _, s := range missing.slots() {
		source, found := p.source(seen, s)
		switch {
		case found:
		case !hasGroup(seen, s.group):
			if !slices.Contains(groups, s.group) {
				groups = append(groups, s.group)
			}
			continue
		case listed.Sub(p.progress) > silence:
			return fmt.Errorf("making green of %s: every new machine of group %s has been on an unreachable host for %v, so none can be cloned", p.Name, s.group, silence)
		default:
			continue
		}
		if s.standby && missing.serving(s.group) {
			continue // what it stands in for is not there yet
		}
		coming := p.coming(s, seen, listed)
		for range missing[s] - coming {
			if errs := p.unmade[s]; len(errs) >= makeTries {
				return fmt.Errorf("%s: could not make all machines of group %s in %s: %d clones failed; the last said: %w",
					p.Name, s.group, s.region, len(errs), errs[len(errs)-1])
			}
			p.clone(ctx, s, source, s.standsInFor(seen, surplus, source.ID))
		}
	}
	if len(groups) == 0 || p.deploying {
		return nil
	}
	return p.redeploy(ctx, groups, seen, listed)
}

func (p *preparation) groupsMade(seen fleet) int {
	made := map[string]bool{}
	for _, m := range seen {
		made[m.Group()] = true
	}
	return len(made)
}

func hasGroup(f fleet, group string) bool {
	return slices.ContainsFunc(f, func(m flyctl.Machine) bool { return m.Group() == group })
}

// redeploy runs the deploy again for the groups that it left without a machine.
func (p *preparation) redeploy(ctx context.Context, groups []string, seen fleet, listed time.Time) error {
	err := p.deployErr
	unknown := errors.Is(err, flyctl.ErrImageNotFound) && p.built.Load() == p.image // the registry may not know what was just pushed
	if err != nil && len(seen) == 0 && !unknown && !errors.Is(err, flyctl.ErrTransient) && !errors.Is(err, flyctl.ErrRateLimited) {
		if listed.Sub(p.ended) < relist { // one more list, as they lag
			return nil
		}
		return fmt.Errorf("making green of %s: %w", p.Name, err)
	}
	lag := listLag
	if err != nil {
		lag = refusedLag
	}
	if listed.Sub(p.ended) < lag {
		return nil
	}
	if made := p.groupsMade(seen); made > p.made {
		p.made, p.deploys = made, 0 // it gets on: with many groups, flyctl runs into Fly's rate limit
	}
	if p.deploys >= makeTries {
		if err == nil {
			err = fmt.Errorf("flyctl reported success")
		}
		return fmt.Errorf("%s: no machine of %s was made in %d deploys: %w", p.Name, strings.Join(groups, ", "), p.deploys, err)
	}
	if len(seen) == 0 {
		groups = nil // the release command may not have run
	}
	p.deploy(ctx, groups)
	return nil
}

// source is the machine to clone for a slot: of its group, on a host that is well.
func (p *preparation) source(seen fleet, s slot) (flyctl.Machine, bool) {
	i := slices.IndexFunc(seen, func(m flyctl.Machine) bool {
		return m.Group() == s.group && m.Reachable() && !m.Standby()
	})
	if i < 0 || s.region == "" {
		return flyctl.Machine{}, false
	}
	return seen[i], true
}

// clone makes one machine for a slot. One that fails may have made its machine
// all the same, so for a while it counts as if it had.
func (p *preparation) clone(ctx context.Context, s slot, source flyctl.Machine, standbyFor string) {
	c := &cloning{}
	p.clones[s] = append(p.clones[s], c)
	opts := s.options(standbyFor)
	go func() {
		id, err := p.fly.Clone(ctx, source.ID, opts)
		p.done <- func() {
			c.id, c.until = id, time.Now().Add(listLag)
			if err == nil {
				delete(p.unmade, s)
			} else {
				p.unmade[s] = append(p.unmade[s], err)
				c.until = time.Now().Add(refusedLag)
				p.warn(fmt.Sprintf("a clone of %s into %s failed: %v", source.ID, s.region, err))
			}
		}
	}()
}

// coming counts the clones of a slot whose machines are not in the list yet.
func (p *preparation) coming(s slot, seen fleet, listed time.Time) int {
	p.clones[s] = slices.DeleteFunc(p.clones[s], func(c *cloning) bool {
		_, here := seen.find(c.id)
		return here || !c.until.IsZero() && listed.After(c.until)
	})
	return len(p.clones[s])
}

// unseen reports whether a machine may be there that no list has shown yet.
func (p *preparation) unseen(listed time.Time) bool {
	for _, cs := range p.clones {
		if slices.ContainsFunc(cs, func(c *cloning) bool { return p.births[c.id] == nil && listed.Before(c.until) }) {
			return true
		}
	}
	return false
}
