package standing

import (
	"maps"
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Late returns the cordons of stragglers that have come since the release stands, and that
// the floor does not need. One that was held before was uncordoned by somebody, and stays.
func (v View) Late() []fleet.Command {
	return v.On(fleet.Cordon, v.Removable(v.Stragglers.Uncordoned()).Where(func(m *fleet.Machine) bool {
		return v.Seen[m.ID].Held.IsZero() && !v.Ended(fleet.Cordon, m.ID)
	}))
}

// Leaving returns the machines that are to be drained.
func (v View) Leaving() fleet.List {
	return v.Drainable(slices.Concat(v.Old(), v.Surplus())).Where(func(m *fleet.Machine) bool { return !v.Left(m) })
}

// Drainable returns those of some machines that can be drained: what is shown cordoned.
// Where machines are stopped at their deadline, it is also what Fly cannot reach, was last
// shown cordoned, and is not needed: Fly destroys it when it can.
func (v View) Drainable(some fleet.List) fleet.List {
	return some.Where(func(m *fleet.Machine) bool {
		return m.Cordoned && (!m.Thin || v.StopLate && !m.Reachable() && v.Covered(m) && !v.Seen[m.ID].Destroyed)
	})
}

// Left reports whether a machine is left as it is: it was given up, or its standby was,
// which would start in its place.
func (v View) Left(m *fleet.Machine) bool {
	_, left := v.GivenUp[m.ID]
	return left || slices.ContainsFunc(v.StandbysOf(m), func(o *fleet.Machine) bool { _, left := v.GivenUp[o.ID]; return left })
}

// MayLeave returns the machines that may be drained now. It keeps a machine that is the
// last that could serve in a place that needs one. It keeps one whose standby is still
// there, because the standby would start.
func (v View) MayLeave() fleet.List {
	leaving := v.Leaving()
	return leaving.Where(func(m *fleet.Machine) bool {
		return v.Covered(m) && len(v.StandbysOf(m)) == 0
	})
}

// StandbysOf returns the resting machines on the list that stand in for m.
func (v View) StandbysOf(m *fleet.Machine) fleet.List {
	return v.List.Where(func(o *fleet.Machine) bool { // few stand in, and it is asked of each machine
		return slices.Contains(o.Config.Standbys, m.ID) && o.Stopped()
	}).Managed()
}

// LeftBehind returns the machines of the old release that stay, or may: somebody has
// taken them back, they serve and are needed, they were given up, or they cannot be reached, are not listed, or no
// list has said what they are.
func (v View) LeftBehind() []string {
	ids := slices.Concat(v.Old().Thin().IDs(), v.List.Unknown().IDs(), slices.Collect(maps.Keys(v.GivenUp)))
	for _, a := range v.Spells(Retaken) {
		ids = append(ids, a.Machine)
	}
	for id, e := range v.Seen {
		if !e.Missing.IsZero() && !e.Gone {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Going returns the commands that remove green. A machine that never served is destroyed
// at once, the others are drained. One that could serve in a place where nothing else
// does is kept.
func (v View) Going() []fleet.Command {
	var out []fleet.Command
	for _, m := range v.Green.Cordoned() {
		if v.Left(m) || v.MayYetShow(m) || m.CouldServe() && !v.Covered(m) || len(v.StandbysOf(m)) > 0 {
			continue
		}
		verb := fleet.Drain
		if v.NeverServed(m) {
			verb = fleet.Destroy
		}
		out = append(out, fleet.Command{App: v.Name, Verb: verb, Machine: m.ID})
	}
	return out
}

// Superseded returns those of some machines whose place a serving release has taken:
// their own release has no uncordoned machine, and is older. For Resume it also returns
// machines of newer releases that were taken back, up to the newest that it found
// without changes: a newer one may be at work.
func (v View) Superseded(some fleet.List, taken bool) fleet.List {
	open := v.List.Managed().Uncordoned()
	own := ReleasesOf(open)
	return some.Where(func(m *fleet.Machine) bool {
		older := !slices.ContainsFunc(open, func(o *fleet.Machine) bool { return !older(m, o) })
		return !v.Left(m) && !slices.Contains(own, m.Mark.ID) && (older || taken && m.Mark.ID != "" && m.Mark.ID <= v.ID)
	})
}

// Replaced returns the cordoned machines in whose place a later release serves: not those
// of a release that never served, or that was taken back.
func Replaced(l fleet.List) fleet.List {
	l = l.Managed()
	return l.Cordoned().Where(func(m *fleet.Machine) bool {
		return slices.ContainsFunc(l.Uncordoned(), func(o *fleet.Machine) bool { return older(m, o) })
	})
}

// older reports whether a machine is of an earlier release than another one, or,
// where one of the two is not ours, was created before it: of those of one second, what
// has no mark.
func older(m, o *fleet.Machine) bool {
	if a, b := m.Mark.ID, o.Mark.ID; a == b || a != "" && b != "" {
		return a < b
	}
	return m.CreatedAt.Before(o.CreatedAt) || m.CreatedAt.Equal(o.CreatedAt) && m.Mark.ID == ""
}

// ReleasesOf returns the ids of the releases that some machines are of.
func ReleasesOf(l fleet.List) []string {
	var out []string
	for _, m := range l {
		if r := m.Mark.ID; !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// Spared says why a cordoned machine must not be destroyed now: its place needs a serving
// machine and has none. It returns "" if it may be.
func (v View) Spared(id string) string {
	if m := v.List.Find(id); m != nil && !v.Covered(m) {
		return "nothing serves in " + m.Place().String()
	}
	return ""
}

// Old returns the machines that are to go once the release serves.
func (v View) Old() fleet.List { return slices.Concat(v.Blue, v.Earlier, v.Stragglers) }
