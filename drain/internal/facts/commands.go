package facts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Begin returns the goal and the facts when commands have been begun.
func Begin(g Goal, f Facts, run []fleet.Command, now time.Time) (Goal, Facts) {
	f = f.clone()
	for _, c := range run {
		f.Flying[c] = now
		a := f.Of(g, c)
		switch c.Verb {
		case fleet.Uncordon:
			switch {
			case g.Aim != Forward:
			case !f.Over.IsZero():
				f.Rescued = append(f.Rescued, c.Machine)
			default:
				if !slices.Contains(a.Promoted, c.Machine) {
					a.Promoted = append(a.Promoted, c.Machine)
					f.Good = 0
				}
				g.Promoted = true
			}
		case fleet.Cordon:
			e := a.Seen[c.Machine]
			e.Given, e.Restored = true, false
			a.Seen[c.Machine] = e
		case fleet.Deploy:
			a.Making.Deploys++
			a.Making.Number++
			a.Making.Progress = now
			if a.Making.Asked = strings.Split(c.Groups, ","); c.Groups == "" {
				a.Making.Asked = g.Apps[g.index(c)].Want.Groups()
			}
		case fleet.Clone:
			a.Making.Number++
		}
	}
	return g, f
}

// Of returns the facts of a command's app; none where it is about the whole release.
func (f *Facts) Of(g Goal, c fleet.Command) *AppFacts {
	if i := g.index(c); i >= 0 {
		return &f.Apps[i]
	}
	return &AppFacts{Seen: map[string]Evidence{}}
}

// End returns the facts when a command has ended. The id is the machine that
// flyctl says it created, if any.
func End(g Goal, f Facts, c fleet.Command, id string, err error, now time.Time) Facts {
	f = f.clone()
	begun := f.Flying[c]
	delete(f.Flying, c)
	a := f.Of(g, c)
	if id != "" {
		a.Made = append(a.Made, id)
	}
	m := &a.Making
	if c.Creates() {
		f.Still = 0 // what it created may be late in the list
	}
	tried := again(f.Tries[c], begun, err, now)
	switch c.Verb {
	case fleet.Deploy:
		m.Ended, m.Err = now, err
		return f
	case fleet.Clone:
		wait := fleet.ListLag
		if err == nil {
			delete(m.Failed, c.Slot)
		} else {
			m.Failed[c.Slot] = again(m.Failed[c.Slot], begun, err, now)
			wait = RefusedLag
		}
		m.Clones = append(m.Clones, Clone{c.Slot, id, now.Add(wait)})
		return f
	case fleet.Build:
		m.Built = err == nil
	case fleet.Release:
		m.Released = err == nil
	case fleet.Check:
		f.Asked = err == nil
	case fleet.Cordon:
		if e := a.Seen[c.Machine]; e.First.IsZero() && errors.Is(err, flyctl.ErrMachineNotFound) {
			e.Gone = true // no list has ever shown it either
			a.Seen[c.Machine] = e
		}
	case fleet.Drain, fleet.Destroy:
		switch {
		case err == nil:
			e := a.Seen[c.Machine]
			e.Destroyed = true
			a.Seen[c.Machine] = e
		case c.Verb == fleet.Destroy && !tried.Ended(now): // a drain tries again by itself
		case !errors.Is(err, context.Canceled):
			a.GivenUp[c.Machine] = err
		}
	}
	f.Tries[c] = tried
	return f
}

// settle forgets the tries of commands that a list shows done.
func (f *Facts) settle(g Goal, lists []fleet.List) {
	for c, t := range f.Tries {
		i := g.index(c)
		if i < 0 || c.Verb == fleet.Uncordon && g.Aim == Back && t.Wins == 0 { // a list may be from before the cordon that it takes back
			continue
		}
		m := lists[i].Find(c.Machine)
		switch c.Verb {
		case fleet.Cordon, fleet.Uncordon:
			gone := f.Apps[i].Seen[c.Machine].Gone && c.Verb == fleet.Cordon // it takes no traffic
			if gone || m != nil && !m.Thin && m.Cordoned == (c.Verb == fleet.Cordon) {
				delete(f.Tries, c)
			}
		case fleet.Start, fleet.Rest:
			if m != nil && (c.Verb == fleet.Start && m.Started() || c.Verb == fleet.Rest && m.Stopped()) {
				delete(f.Tries, c)
			}
		}
	}
}
