// Package standing answers each question about an app of a release in one function: how
// it stands by the newest list, and by what the run knows beyond it. What to do about it
// is decided in package rollout.
package standing

import (
	"cmp"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// View is one app as a decision sees it: the newest list, parted by the release,
// with what the run knows beyond it.
type View struct {
	facts.App
	facts.AppFacts
	fleet.Generations
	List     fleet.List
	promoted bool
	over     bool
	Now      time.Time
	spread   time.Duration
	flying   map[fleet.Command]time.Time
	Tries    map[fleet.Command]facts.Try
	Missing  capacity.Capacity // the slots that lack a machine
	extra    fleet.List        // green beyond what is wanted
	rest     fleet.List        // green that is not to run, as far as this run knows
}

// Views returns the view of each app in the goal's order.
func Views(g facts.Goal, lists []fleet.List, f facts.Facts, now time.Time) []View {
	vs := make([]View, len(lists))
	for i, l := range lists {
		vs[i] = viewOf(g, f, i, l, now)
	}
	return vs
}

// One returns the view of one app, by a list of it alone.
func One(g facts.Goal, f facts.Facts, app int, l fleet.List) View {
	return viewOf(g, f, app, l, f.Listed)
}

func viewOf(g facts.Goal, f facts.Facts, app int, l fleet.List, now time.Time) View {
	a := g.Apps[app]
	v := View{App: a, AppFacts: f.Apps[app], List: l, Generations: l.Part(a.ID, slices.Concat(a.Older, f.Apps[app].Made), a.Before),
		promoted: g.Promoted, over: !f.Over.IsZero(), Now: now, spread: g.Spread, flying: f.Flying, Tries: f.Tries}
	// What is surplus is to be what can go at once, and of that the youngest.
	slices.SortFunc(v.Green, func(a, b *fleet.Machine) int {
		return cmp.Or(cmp.Compare(v.rank(a), v.rank(b)), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	switch {
	case a.Want != nil:
		v.Missing, v.extra, v.rest = a.Want.Match(v.Green)
	case g.WellOnly || !g.Rollback: // a rollback starts what drained
		v.rest = v.Green.AtRestAs(v.Blue)
	}
	return v
}

func (v View) rank(m *fleet.Machine) int {
	if v.Seen[m.ID].InTime {
		return 1
	}
	return 0
}

// Surplus returns green machines beyond what is wanted. What was uncordoned to
// serve is none.
func (v View) Surplus() fleet.List {
	if v.promoted {
		return v.Green.Without(v.Green.Pick(v.Promoted))
	}
	return v.extra
}

// Kept returns the green machines that serve, or are to.
func (v View) Kept() fleet.List { return v.Green.Without(v.Surplus()) }

// Whole reports whether each wanted slot has its machine. Where another run began the
// release and blue is gone, whatever is left of green is.
func (v View) Whole() bool {
	alone := v.Want == nil && len(v.Blue) == 0
	return alone || len(v.Kept()) >= max(v.Want.Total(), len(v.Older), v.Size)
}

// Held reports whether none of green is shown uncordoned.
func (v View) Held() bool { return len(v.Green.Uncordoned()) == 0 }

// Well reports whether all of green is well, and has been for long enough.
func (v View) Well() bool {
	return !slices.ContainsFunc(v.Kept(), func(m *fleet.Machine) bool { return v.Lacks(m) != "" })
}

// isWell reports whether a machine is healthy; or a standby; or at rest as blue was;
// or a worker that was stopped or whose program ended with 0; or, once green serves,
// stopped by the proxy, which starts it when a connection comes.
func (v View) isWell(m *fleet.Machine) bool {
	switch {
	case m.Thin:
		return false
	case m.Stopped() && (v.rest.Has(m.ID) || m.Worker() && m.Ended() && !(len(v.Older) > 0 && m.StopRequested())): // a rollback starts what drained
		return true
	}
	return m.Standby() || m.Healthy() || v.promoted && m.AutostartsFromRest()
}

// Lacks says what a green machine lacks before it can serve, "" if nothing.
func (v View) Lacks(m *fleet.Machine) string {
	switch {
	case m.Thin:
		return "is on a host that is " + cmp.Or(m.HostStatus, "not known")
	case !v.isWell(m):
		return "is " + ailing(m)
	case !v.promoted && m.ConfiguredChecks() == 0 && v.Now.Sub(v.Seen[m.ID].Up) < v.Smoke:
		return "has not run for " + v.Smoke.String() + " yet"
	}
	return ""
}

// ailing says why a machine is not healthy.
func ailing(m *fleet.Machine) string {
	if !m.Started() {
		return m.State
	}
	for _, c := range m.Checks {
		if c.Status != "passing" {
			text := "started, but its check " + c.Name + " is " + c.Status
			if c.Output != "" {
				text += ": " + c.Output
			}
			return text
		}
	}
	return "started, but not all of its checks have answered"
}

// Autostopped returns the machines that are stopped and are to run.
func (v View) Autostopped() fleet.List {
	return v.Kept().Where(func(m *fleet.Machine) bool { return !m.Thin && m.Stopped() && !v.isWell(m) })
}
