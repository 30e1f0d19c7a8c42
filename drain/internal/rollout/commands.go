package rollout

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// due leaves out commands that are under way, or on whose machine another one is;
// those that have had their end; and those that were given a moment ago.
func due(f facts.Facts, run []fleet.Command, now time.Time) []fleet.Command {
	return slices.DeleteFunc(run, func(c fleet.Command) bool {
		for o := range f.Flying {
			if o.Machine == c.Machine && !o.Creates() && !c.Creates() { // no two apps have a machine of one id
				return true
			}
		}
		t := f.Tries[c]
		pause := pauseLeast
		switch {
		case t.Err == nil:
			pause = fleet.ListLag
		case c.Verb == fleet.Start, c.Verb == fleet.Release:
			pause = facts.Gap
		}
		return t.Ended(now) || now.Sub(t.Last) < pause
	})
}

// failed finds a command of some verbs that has failed and is not tried again. It fills
// in the decision, and reports whether there is any.
func failed(g facts.Goal, f facts.Facts, now time.Time, d *Decision, verbs ...fleet.Verb) bool {
	for _, c := range slices.SortedFunc(maps.Keys(f.Tries), func(a, b fleet.Command) int {
		return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Machine, b.Machine))
	}) {
		t := f.Tries[c]
		once := c.Verb == fleet.Build || c.Verb == fleet.Check ||
			c.Verb == fleet.Release && !facts.Passes(t.Err) && !(f.Of(g, c).Making.Built && errors.Is(t.Err, flyctl.ErrImageNotFound))
		if !slices.Contains(verbs, c.Verb) || !(once && t.Err != nil) && !t.Ended(now) {
			continue
		}
		if e := f.Of(g, c).Seen[c.Machine]; !e.Missing.IsZero() && !e.Gone {
			continue // lists lack the machine, and it may have gone
		}
		d.Row, d.Fail, d.App, d.About = "F1", true, c.App, c.Machine
		switch {
		case c.Verb == fleet.Check:
			d.Why, d.Cause = fmt.Sprintf("the release's own check: %v", t.Err), errors.Join(ErrNotHealthy, t.Err)
		case t.Err != nil:
			d.Why, d.Cause = t.Err.Error(), t.Err
		default:
			d.Why, d.Cause = fmt.Sprintf("%s: flyctl reported success three times for %s of machine %s, but no list shows it", c.App, c.Verb, c.Machine), ErrChanged
		}
		return true
	}
	return false
}

func flying(f facts.Facts, verbs ...fleet.Verb) bool { return len(underWay(f, verbs...)) > 0 }

// underWay returns the commands of some verbs that are under way.
func underWay(f facts.Facts, verbs ...fleet.Verb) []fleet.Command {
	var out []fleet.Command
	for c := range f.Flying {
		if slices.Contains(verbs, c.Verb) {
			out = append(out, c)
		}
	}
	return out
}

// before returns the commands under way since before t.
func before(f facts.Facts, t time.Time) []fleet.Command {
	var out []fleet.Command
	for c, begun := range f.Flying {
		if !begun.After(t) {
			out = append(out, c)
		}
	}
	return out
}
