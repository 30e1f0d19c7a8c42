package standing

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Holds reports whether these machines alone hold the floor. One that is being
// cordoned counts as cordoned.
func (v View) Holds(l fleet.List) bool {
	l = l.Where(func(m *fleet.Machine) bool {
		_, going := v.flying[fleet.Command{App: v.Name, Verb: fleet.Cordon, Machine: m.ID}]
		return !going
	})
	return v.Floor().Holds(l.Serving())
}

// WouldHold reports whether blue holds the floor when what this run has cordoned of
// it is uncordoned again. What somebody else has cordoned stays so.
func (v View) WouldHold() bool {
	return v.backFloor().Holds(v.Blue.Where(func(m *fleet.Machine) bool {
		return !m.Cordoned || !v.Before.Known() || v.Seen[m.ID].Given
	}).CouldServe())
}

// BackHolds reports whether these machines alone hold the floor for going back.
func (v View) BackHolds(l fleet.List) bool { return v.backFloor().Holds(l.Serving()) }

// backFloor is the floor for going back. Where it is not known, blue must be no less
// than what serves of green.
func (v View) backFloor() fleet.Floor {
	if v.Before.Known() {
		return v.Floor()
	}
	f := v.Floor()
	for p, n := range v.Green.Serving() {
		f[p] = max(f[p], n)
	}
	return f
}

// Floor is how many machines must serve where. A group whose green machines have
// no services needs none.
func (v View) Floor() fleet.Floor {
	return v.Least.In(func(group string) bool {
		green := v.Green.InGroup(group)
		return len(green) == 0 || green.HasServices()
	})
}

// FirstFloor is the floor as this run first sees it. A group that fly.toml
// dropped, or that the release to roll back to never had, needs none.
func (v View) FirstFloor() fleet.Floor {
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

// Removable returns those machines, if the floor holds without them, and otherwise none.
// Green that is not promoted does not count: it is held, or about to be.
func (v View) Removable(some fleet.List) fleet.List {
	rest := v.List.Without(some)
	if !v.promoted {
		rest = rest.Without(v.Green)
	}
	if !v.Floor().Holds(rest.Serving()) {
		return nil
	}
	return some
}

// Covered reports whether the place of a machine needs no serving machine, or has one. A
// floor does not count what cannot be reached, so the place of such a machine needs one
// where any machine there has a service.
func (v View) Covered(m *fleet.Machine) bool {
	p := m.Place()
	needs := v.Floor()[p] > 0 || m.Thin && v.List.Managed().Where(func(o *fleet.Machine) bool { return o.Place() == p }).HasServices()
	return !needs || v.List.Serving()[p] > 0
}

// short returns a place where green could not hold the floor if all that is ill of it were
// well, and reports whether there is any: to wait does not help there.
func (v View) short() (fleet.Place, bool) {
	if !v.promoted {
		return fleet.Place{}, false
	}
	return v.Floor().Short(v.Kept().Where(func(m *fleet.Machine) bool { return m.CouldServe() || !v.isWell(m) }).Count())
}
