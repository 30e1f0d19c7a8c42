package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// create is F4: how green becomes whole. Images come first, then of each group one
// machine by a deploy, and the others by clones of it. The release command runs
// before that, once. It has no row when there is nothing to do.
func create(f facts.Facts, vs []standing.View) Decision {
	var d Decision
	for _, v := range vs {
		if v.Image && !v.Making.Built {
			d.Row, d.Phase, d.Why = "F4", PhaseBuild, "build the image of "+v.Name
			d.Run = append(d.Run, fleet.Command{App: v.Name, Verb: fleet.Build})
		}
	}
	for _, v := range vs {
		if d.Phase == PhaseBuild || d.Fail {
			break
		}
		if v.ReleaseCommand && !v.Making.Released {
			d.Row, d.Phase, d.Why = "F4", PhasePrepare, "run the release command of "+v.Name
			d.Run = append(d.Run, fleet.Command{App: v.Name, Verb: fleet.Release})
			continue
		}
		if !v.Doubt && len(v.Lost()) == 0 { // what a short list does not show is not created again
			createOf(v, &d)
		}
	}
	return d
}

func createOf(v standing.View, d *Decision) {
	deploys := v.UnderWay(fleet.Deploy)
	deploying := len(deploys) > 0
	others := len(d.Run)
	next := func() int { return v.Making.Number + len(d.Run) - others + 1 }
	switch {
	case len(v.Missing) == 0 && !deploying && !v.Awaited():
		return
	case deploying && v.Now.Sub(v.Making.Progress) > stall:
		d.giveUp("creating green of %s: flyctl's deploy has created no machine in %v: run it by hand to see what it waits for", v.Name, stall)
		return
	case !v.Making.Whole.IsZero() && v.Now.Sub(v.Making.Whole) > silence:
		d.Cancel = append(d.Cancel, deploys...)
	}
	d.Row, d.Phase, d.Why = "F4", PhasePrepare, fmt.Sprintf("create green of %s: %d of %d are there", v.Name, v.Want.Total()-v.Missing.Total(), v.Want.Total())
	var groups []string
	for _, s := range v.Missing.Slots() {
		source := s.Source(v.Green)
		switch {
		case source != nil:
		case len(v.Green.InGroup(s.Group)) == 0:
			groups = append(groups, s.Group)
			continue
		case v.Now.Sub(v.Making.Progress) > silence:
			d.giveUp("creating green of %s: no machine of group %s can be cloned: for %v Fly has not reached the hosts of those that were created", v.Name, s.Group, silence)
			return
		default:
			continue
		}
		if v.Missing.Before(s) {
			continue // such as what a standby stands in for
		}
		if t := v.Making.Failed[s]; t.Fails >= facts.Tries && !(facts.Contradicts(t.Err) && v.Now.Sub(t.First) < facts.CordonFor) {
			d.giveUp("%s: could not create all machines of group %s in %s: %d clones failed; the last said: %w", v.Name, s.Group, s.Region, t.Fails, t.Err)
			return
		}
		for range v.Missing[s] - v.Coming(s) {
			clone := fleet.Command{App: v.Name, Verb: fleet.Clone, Machine: source.ID, Slot: s, Number: next()}
			if s.Standby {
				clone.Stands = s.Principal(v.Kept())
			}
			d.Run = append(d.Run, clone)
		}
	}
	if len(groups) > 0 && !deploying {
		redeploy(v, d, slices.Compact(groups), next())
	}
}

func (d *Decision) giveUp(format string, args ...any) {
	d.Cause = fmt.Errorf(format, args...)
	d.Row, d.Phase, d.Run, d.Fail, d.Why = "F4", PhasePrepare, nil, true, d.Cause.Error()
}

// redeploy runs a deploy for groups without a machine: for those of one size, as a
// deploy has one size for all that it creates.
func redeploy(v standing.View, d *Decision, groups []string, number int) {
	size := fleet.Slot{Guest: v.Want.First(groups[0], v.Region)}
	groups = slices.DeleteFunc(groups, func(g string) bool { return v.Want.First(g, v.Region) != size.Guest })
	err, none := v.Making.Err, len(v.Green) == 0
	pushed := errors.Is(err, flyctl.ErrImageNotFound) && v.Making.Built // the registry may not know it yet
	hopeless := err != nil && none && !pushed && !facts.Passes(err)
	lag := fleet.ListLag
	switch {
	case hopeless:
		lag = nextList
	case err != nil:
		lag = facts.RefusedLag
	}
	if !slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(v.Making.Asked, g) }) {
		err, lag, hopeless = nil, 0, false // it was not asked to create these
	}
	switch {
	case v.Now.Sub(v.Making.Ended) < lag:
		d.Until = v.Making.Ended.Add(lag)
	case hopeless:
		d.giveUp("creating green of %s: %w", v.Name, err)
	case v.Making.Deploys >= facts.Tries && err != nil:
		d.giveUp("%s: no machine of %s was created in %d deploys: %w", v.Name, strings.Join(groups, ", "), v.Making.Deploys, err)
	case v.Making.Deploys >= facts.Tries:
		d.giveUp("%s: no machine of %s was created in %d deploys, and flyctl reported success", v.Name, strings.Join(groups, ", "), v.Making.Deploys)
	default:
		c := fleet.Command{App: v.Name, Verb: fleet.Deploy, Slot: size, Number: number}
		if len(groups) < len(v.Want.Groups()) {
			c.Groups = strings.Join(groups, ",")
		}
		d.Run = append(d.Run, c)
	}
}

// progress notes how far the creation of green has come.
func progress(m *facts.Making, v standing.View) {
	var groups []string
	for _, o := range v.Green {
		groups = append(groups, o.Group())
	}
	slices.Sort(groups)
	if n := len(slices.Compact(groups)); n > m.Groups {
		m.Groups, m.Deploys = n, 0 // with many groups, flyctl runs into Fly's rate limit
	}
	since(&m.Whole, v.Now, v.Whole() && v.Held() && !v.Awaited())
}
