package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// How long a deploy may go on without creating a machine (a release command, which
// flyctl runs first, may take its time), and once nothing but its own end is waited
// for; and how long no machine can be cloned, as their hosts cannot be reached.
const (
	stall   = time.Hour
	silence = 5 * time.Minute
)

// creation is what to do next so that green is whole. Its phase is "" when there is nothing.
type creation struct {
	phase  Phase
	run    []fleet.Command
	cancel []fleet.Command
	why    string
	fail   bool
	cause  error
	until  time.Time
}

// create says how green becomes whole: images first, then of each group one
// machine by a deploy, and the others by clones of it.
func create(f Facts, vs []view) creation {
	var c creation
	for _, v := range vs {
		if v.Image && !v.Making.Built {
			c.phase, c.why = PhaseBuild, "build the image of "+v.Name
			c.run = append(c.run, fleet.Command{App: v.Name, Verb: fleet.Build})
		}
	}
	for _, v := range vs {
		if c.phase == PhaseBuild || c.fail || v.Want == nil {
			break
		}
		if !v.Doubt && len(v.lost()) == 0 { // what a short list does not show is not created again
			v.create(&c)
		}
	}
	return c
}

func (v view) create(c *creation) {
	deploy, deploying := v.deploying()
	others := len(c.run)
	next := func() int { return v.Making.Number + len(c.run) - others + 1 }
	missing := v.missing()
	switch {
	case v.Making.Number == 0:
		c.phase, c.why = PhasePrepare, "create green of "+v.Name
		c.run = append(c.run, fleet.Command{App: v.Name, Verb: fleet.Deploy, Number: next()})
		return
	case len(missing) == 0 && !deploying && !v.awaited():
		return
	case deploying && v.now.Sub(v.Making.Progress) > stall:
		c.giveUp("creating green of %s: flyctl's deploy has created no machine in %v: run it by hand to see what it waits for", v.Name, stall)
		return
	case deploying && !v.Making.Whole.IsZero() && v.now.Sub(v.Making.Whole) > silence:
		c.cancel = append(c.cancel, deploy)
	}
	c.phase, c.why = PhasePrepare, fmt.Sprintf("create green of %s: %d of %d are there", v.Name, v.Want.Total()-missing.Total(), v.Want.Total())
	var groups []string
	for _, s := range missing.Slots() {
		source := s.Source(v.Green)
		switch {
		case source != nil:
		case len(v.Green.InGroup(s.Group)) == 0:
			groups = append(groups, s.Group)
			continue
		case v.now.Sub(v.Making.Progress) > silence:
			c.giveUp("creating green of %s: no machine of group %s can be cloned: for %v Fly has not reached the hosts of those that were created", v.Name, s.Group, silence)
			return
		default:
			continue
		}
		if s.Standby && missing.HasPrincipal(s.Group) {
			continue // what it stands in for is not there yet
		}
		if t := v.Making.Failed[s]; t.Fails >= tries {
			c.giveUp("%s: could not create all machines of group %s in %s: %d clones failed; the last said: %w", v.Name, s.Group, s.Region, t.Fails, t.Err)
			return
		}
		for range missing[s] - v.coming(s) {
			clone := fleet.Command{App: v.Name, Verb: fleet.Clone, Machine: source.ID, Slot: s, Number: next()}
			if s.Standby {
				clone.Stands = s.Principal(v.kept())
			}
			c.run = append(c.run, clone)
		}
	}
	if len(groups) > 0 && !deploying {
		v.redeploy(c, slices.Compact(groups), next())
	}
}

func (c *creation) giveUp(format string, args ...any) {
	c.cause = fmt.Errorf(format, args...)
	c.phase, c.fail, c.why = PhasePrepare, true, c.cause.Error()
}

// redeploy runs the deploy again for the groups that it left without a machine.
func (v view) redeploy(c *creation, groups []string, number int) {
	err, none := v.Making.Err, len(v.Green) == 0
	pushed := errors.Is(err, flyctl.ErrImageNotFound) && v.Making.Built // the registry may not know it yet
	hopeless := err != nil && none && !pushed && !passes(err)
	lag := listLag
	switch {
	case hopeless:
		lag = 2 * time.Second // one more list, as they lag
	case err != nil:
		lag = refusedLag
	}
	switch {
	case v.now.Sub(v.Making.Ended) < lag:
		c.until = v.Making.Ended.Add(lag)
	case hopeless:
		c.giveUp("creating green of %s: %w", v.Name, err)
	case v.Making.Deploys >= tries && err != nil:
		c.giveUp("%s: no machine of %s was created in %d deploys: %w", v.Name, strings.Join(groups, ", "), v.Making.Deploys, err)
	case v.Making.Deploys >= tries:
		c.giveUp("%s: no machine of %s was created in %d deploys, and flyctl reported success", v.Name, strings.Join(groups, ", "), v.Making.Deploys)
	default:
		d := fleet.Command{App: v.Name, Verb: fleet.Deploy, Number: number}
		if !none { // else the release command may not have run
			d.Groups = strings.Join(groups, ",")
		}
		c.run = append(c.run, d)
	}
}

// deploying returns the deploy that is under way.
func (v view) deploying() (fleet.Command, bool) {
	for c := range v.flying {
		if c.App == v.Name && c.Verb == fleet.Deploy {
			return c, true
		}
	}
	return fleet.Command{}, false
}

// coming counts the clones of a slot whose machines are not listed yet. One that
// failed may have created its machine all the same, so for a while it counts.
func (v view) coming(s fleet.Slot) int {
	n := 0
	for c := range v.flying {
		if c.App == v.Name && c.Verb == fleet.Clone && c.Slot == s {
			n++
		}
	}
	for _, c := range v.Making.Clones {
		if c.Slot == s && v.pending(c) {
			n++
		}
	}
	return n
}

func (v view) pending(c Clone) bool {
	return !v.Green.Has(c.ID) && (v.now.Before(c.Until) || v.list.Has(c.ID)) // its row may be thin
}

// awaited reports whether a machine may be there, or may come, that no list has
// shown, the deploy's own apart.
func (v view) awaited() bool {
	for c := range v.flying {
		if c.App == v.Name && c.Verb == fleet.Clone {
			return true
		}
	}
	return slices.ContainsFunc(v.Making.Clones, v.pending)
}

// progress notes how far the creation of green has come.
func (a *AppFacts) progress(v view) {
	var groups []string
	for _, m := range v.Green {
		groups = append(groups, m.Group())
	}
	slices.Sort(groups)
	if n := len(slices.Compact(groups)); n > a.Making.Groups {
		a.Making.Groups, a.Making.Deploys = n, 0 // with many groups, flyctl runs into Fly's rate limit
	}
	since(&a.Making.Whole, v.now, v.Want != nil && v.whole() && v.held() && !v.awaited())
}
