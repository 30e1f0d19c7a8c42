package rollout

import (
	"cmp"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// view is one app as a decision sees it: the newest list, parted by the release,
// with what the run knows beyond it.
type view struct {
	facts.App
	facts.AppFacts
	fleet.Generations
	list     fleet.List
	promoted bool
	over     bool
	now      time.Time
	spread   time.Duration
	flying   map[fleet.Command]time.Time
	tries    map[fleet.Command]facts.Try
	missing  capacity.Capacity // the slots that lack a machine
	extra    fleet.List        // green beyond what is wanted
	rest     fleet.List        // green that is not to run, as far as this run knows
}

func views(g facts.Goal, lists []fleet.List, f facts.Facts, now time.Time) []view {
	vs := make([]view, len(lists))
	for i, l := range lists {
		a := g.Apps[i]
		vs[i] = view{App: a, AppFacts: f.Apps[i], list: l, Generations: l.Part(a.ID, slices.Concat(a.Older, f.Apps[i].Made), a.Before),
			promoted: g.Promoted, over: !f.Over.IsZero(), now: now, spread: g.Spread, flying: f.Flying, tries: f.Tries}
		// What is surplus is to be what can go at once, and of that the youngest.
		slices.SortFunc(vs[i].Green, func(a, b *fleet.Machine) int {
			return cmp.Or(cmp.Compare(vs[i].rank(a), vs[i].rank(b)), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
		})
		switch {
		case a.Want != nil:
			vs[i].missing, vs[i].extra, vs[i].rest = a.Want.Match(vs[i].Green)
		case g.WellOnly || !g.Rollback: // a rollback starts what drained
			vs[i].rest = vs[i].Green.AtRestAs(vs[i].Blue)
		}
	}
	return vs
}

func (v view) rank(m *fleet.Machine) int {
	if v.Seen[m.ID].InTime {
		return 1
	}
	return 0
}

// surplus returns green machines beyond what is wanted. What was uncordoned to
// serve is none.
func (v view) surplus() fleet.List {
	if v.promoted {
		return v.Green.Without(v.Green.Pick(v.Kept))
	}
	return v.extra
}

// kept returns the green machines that serve, or are to.
func (v view) kept() fleet.List { return v.Green.Without(v.surplus()) }

// whole reports whether each wanted slot has its machine. Where another run began the
// release and blue is gone, whatever is left of green is.
func (v view) whole() bool {
	alone := v.Want == nil && len(v.Blue) == 0
	return alone || len(v.kept()) >= max(v.Want.Total(), len(v.Older), v.Size)
}

// held reports whether none of green is shown uncordoned.
func (v view) held() bool { return len(v.Green.Uncordoned()) == 0 }

// well reports whether all of green is well, and has been for long enough.
func (v view) well() bool {
	return !slices.ContainsFunc(v.kept(), func(m *fleet.Machine) bool { return v.lacks(m) != "" })
}

// isWell reports whether a machine is healthy; or a standby; or at rest as blue was;
// or a worker that was stopped or whose program ended with 0; or, once green serves,
// stopped by the proxy, which starts it when a connection comes.
func (v view) isWell(m *fleet.Machine) bool {
	switch {
	case m.Thin:
		return false
	case m.Stopped() && (v.rest.Has(m.ID) || m.Worker() && m.Ended() && !(len(v.Older) > 0 && m.StopRequested())): // a rollback starts what drained
		return true
	}
	return m.Standby() || m.Healthy() || v.promoted && m.AutostartsFromRest()
}

// drains reports whether a machine's drain is under way.
func (v view) drains(id string) bool {
	_, drains := v.flying[fleet.Command{App: v.Name, Verb: fleet.Drain, Machine: id}]
	return drains
}

// toRest returns green that is to be held and stopped: a worker, and what has services
// before it runs, or where it was held before it could serve.
func (v view) toRest() fleet.List {
	return v.rest.Where(func(m *fleet.Machine) bool {
		shut := m.Worker() || !m.Started() && !v.Seen[m.ID].MayServe || v.Seen[m.ID].InTime
		return shut && !m.Thin && !m.Stopped() && !v.ended(fleet.Rest, m.ID)
	})
}

// lacks says what a green machine lacks before it can serve, "" if nothing.
func (v view) lacks(m *fleet.Machine) string {
	switch {
	case m.Thin:
		return "is on a host that is " + cmp.Or(m.HostStatus, "not known")
	case !v.isWell(m):
		return "is " + Ailing(m)
	case !v.promoted && m.ConfiguredChecks() == 0 && v.now.Sub(v.Seen[m.ID].Up) < v.Smoke:
		return "has not run for " + v.Smoke.String() + " yet"
	}
	return ""
}

// holds reports whether these machines alone hold the floor. One that is being
// cordoned counts as cordoned.
func (v view) holds(l fleet.List) bool {
	l = l.Where(func(m *fleet.Machine) bool {
		_, going := v.flying[fleet.Command{App: v.Name, Verb: fleet.Cordon, Machine: m.ID}]
		return !going
	})
	return v.floor().Holds(l.Serving())
}

// wouldHold reports whether blue holds the floor when what this run has cordoned of
// it is uncordoned again. What somebody else has cordoned stays so.
func (v view) wouldHold() bool {
	return v.backFloor().Holds(v.Blue.Where(func(m *fleet.Machine) bool {
		return !m.Cordoned || !v.Before.Known() || v.Seen[m.ID].Given
	}).CouldServe())
}

// backHolds reports whether these machines alone hold the floor for going back.
func (v view) backHolds(l fleet.List) bool { return v.backFloor().Holds(l.Serving()) }

// backFloor is the floor for going back. Where it is not known, blue must be no less
// than what serves of green.
func (v view) backFloor() fleet.Floor {
	if v.Before.Known() {
		return v.floor()
	}
	f := v.floor()
	for p, n := range v.Green.Serving() {
		f[p] = max(f[p], n)
	}
	return f
}

// floor is how many machines must serve where. A group whose green machines have
// no services needs none.
func (v view) floor() fleet.Floor {
	return v.Floor.In(func(group string) bool {
		green := v.Green.InGroup(group)
		return len(green) == 0 || green.HasServices()
	})
}

// firstFloor is the floor as this run first sees it. A group that fly.toml
// dropped, or that the release to roll back to never had, needs none.
func (v view) firstFloor() fleet.Floor {
	if !v.Before.Known() {
		return fleet.Guess(v.Green, v.Blue)
	}
	return fleet.Floor(v.Before.Serving).In(func(group string) bool {
		if v.Want == nil {
			return v.Green.InGroup(group).HasServices()
		}
		return slices.Contains(v.Want.Groups(), group)
	})
}

// removable returns those machines, if the floor holds without them, and otherwise none.
// Green that is not promoted does not count: it is held, or about to be.
func (v view) removable(some fleet.List) fleet.List {
	rest := v.list.Without(some)
	if !v.promoted {
		rest = rest.Without(v.Green)
	}
	if !v.floor().Holds(rest.Serving()) {
		return nil
	}
	return some
}

// toCordon returns the blue machines whose cordon no list has shown. One that
// somebody uncordons after that is not cordoned again.
func (v view) toCordon() fleet.List {
	return append(v.Blue.Uncordoned(), v.removable(v.Stragglers.Uncordoned())...).Where(func(m *fleet.Machine) bool { return !v.Seen[m.ID].Taken })
}

// cordonedByOther returns the green machines that a list has shown promoted, and that
// somebody has cordoned since. To uncordon them again would be a fight with another run.
func (v view) cordonedByOther() fleet.List {
	return v.kept().Cordoned().Where(func(m *fleet.Machine) bool { return !v.over && v.Seen[m.ID].Restored })
}

// overtaken reports whether another release has taken over: its machines hold the floor
// alone, and somebody has cordoned all that this run promoted. Whoever did drains blue by
// now, so blue stays as it is.
func (v view) overtaken() bool {
	return len(v.Strange.Uncordoned()) > 0 && v.backHolds(v.Strange) && len(v.cordonedByOther()) == len(v.kept())
}

// toRestore returns the blue machines that Back has to uncordon: those that this
// run gave a cordon, or, where another run did, those that are shown cordoned. It returns
// none where another release has taken over.
func (v view) toRestore() fleet.List {
	if v.overtaken() {
		return nil
	}
	return v.Blue.Where(func(m *fleet.Machine) bool {
		e := v.Seen[m.ID]
		return !m.Thin && !e.Restored && (e.Given || !v.Before.Known() && m.Cordoned) && !v.ended(fleet.Uncordon, m.ID)
	})
}

// toWake returns the workers among them that an unfinished run has stopped.
func (v view) toWake() fleet.List {
	return v.toRestore().Where(func(m *fleet.Machine) bool {
		return !v.Before.Known() && m.Worker() && m.Stopped() && m.StopRequested() && !m.Standby() && !v.ended(fleet.Start, m.ID)
	})
}

// ended reports whether a command on a machine is not tried again.
func (v view) ended(verb fleet.Verb, id string) bool {
	return v.tries[fleet.Command{App: v.Name, Verb: verb, Machine: id}].Ended(v.now)
}

// each joins what is picked of each app.
func each(vs []view, pick func(view) []fleet.Command) []fleet.Command {
	var out []fleet.Command
	for _, v := range vs {
		out = append(out, pick(v)...)
	}
	return out
}

// count says how many machines are picked of all apps.
func count(vs []view, pick func(view) fleet.List) int {
	n := 0
	for _, v := range vs {
		n += len(pick(v))
	}
	return n
}

func every(vs []view, is func(view) bool) bool {
	return !some(vs, func(v view) bool { return !is(v) })
}

func some(vs []view, is func(view) bool) bool { return slices.ContainsFunc(vs, is) }
