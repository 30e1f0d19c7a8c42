package standing

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// unseen returns green machines that are there, as flyctl or a list has said, and of
// which the newest list says nothing: it lacks them, or their rows are thin.
func (v View) unseen() []string {
	ids := slices.Concat(v.Made, v.Promoted)
	for id, e := range v.Seen {
		if e.Row != nil && e.Row.Mark.ID == v.ID && v.ID != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		m := v.List.Find(id)
		return m != nil && !m.Thin || v.Seen[id].Gone
	})
}

// MayBeLeft returns them, and the machines that have appeared since the release began
// and that no row says anything of: they may be green, too.
func (v View) MayBeLeft() []string {
	appeared := v.List.Unknown().Where(func(m *fleet.Machine) bool { return !v.Before.HadUnknown(m.ID) })
	ids := append(v.unseen(), appeared.IDs()...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Open returns the green machines that are uncordoned, or may be. A machine that the
// list says nothing of may be uncordoned if this run gave it an uncordon.
func (v View) Open() []string {
	shown := v.Green.Uncordoned()
	if len(v.Older) > 0 { // of a rollback: the rest somebody else has uncordoned
		shown = shown.Pick(v.Promoted)
	}
	return append(shown.IDs(), slices.DeleteFunc(v.unseen(), func(id string) bool {
		row := v.Seen[id].Row
		held := row != nil && row.Cordoned && !slices.Contains(v.Promoted, id)
		return held || v.Tries[fleet.Command{App: v.Name, Verb: fleet.Cordon, Machine: id}].Wins > 0
	})...)
}

// ToWithdraw returns cordons for them, except for those that could not be cordoned.
func (v View) ToWithdraw() []fleet.Command {
	var out []fleet.Command
	for _, id := range v.Open() {
		if !v.Ended(fleet.Cordon, id) {
			out = append(out, fleet.Command{App: v.Name, Verb: fleet.Cordon, Machine: id})
		}
	}
	return out
}

// NeverServed reports whether the lists show that no proxy can have sent a green machine
// a connection.
func (v View) NeverServed(m *fleet.Machine) bool { return !v.promoted && v.Seen[m.ID].InTime }

// MayYetShow reports whether the lists have not shown that for long enough yet.
func (v View) MayYetShow(m *fleet.Machine) bool {
	return v.NeverServed(m) && !v.Seen[m.ID].Shut(v.spread)
}

// toRest returns green that is to be held and stopped: a worker, and what has services
// before it runs, or where it was held before it could serve.
func (v View) toRest() fleet.List {
	return v.rest.Where(func(m *fleet.Machine) bool {
		shut := m.Worker() || !m.Started() && !v.Seen[m.ID].MayServe || v.Seen[m.ID].InTime
		return shut && !m.Thin && !m.Stopped() && !v.Ended(fleet.Rest, m.ID)
	})
}

// ToHold returns the cordons of what takes traffic, or may, and is not to: of green,
// which may be to stop too, and stragglers that the floor does not need.
func (v View) ToHold() []fleet.Command {
	rest := v.toRest()
	holds := slices.DeleteFunc(v.ToWithdraw(), func(c fleet.Command) bool { return rest.Has(c.Machine) })
	return slices.Concat(holds, v.On(fleet.Cordon, v.Removable(v.Stragglers.Uncordoned())), v.On(fleet.Rest, rest))
}
