package rollout

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// unseen returns green machines that are there, as flyctl or a list has said, and of
// which the newest list says nothing: it lacks them, or their rows are thin.
func (v view) unseen() []string {
	ids := slices.Concat(v.Made, v.Kept)
	for id, e := range v.Seen {
		if e.Row != nil && e.Row.Mark.ID == v.ID && v.ID != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		m := v.list.Find(id)
		return m != nil && !m.Thin || v.Seen[id].Gone
	})
}

// mayBeLeft returns them, and the machines that have appeared since the release began
// and that no row says anything of: they may be green, too.
func (v view) mayBeLeft() []string {
	appeared := v.list.Unknown().Where(func(m *fleet.Machine) bool { return !v.Before.HadUnknown(m.ID) })
	ids := append(v.unseen(), appeared.IDs()...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// open returns the green machines that are uncordoned, or may be. A machine that the
// list says nothing of may be uncordoned if this run gave it an uncordon.
func (v view) open() []string {
	shown := v.Green.Uncordoned()
	if len(v.Older) > 0 { // of a rollback: the rest somebody else has uncordoned
		shown = shown.Pick(v.Kept)
	}
	return append(shown.IDs(), slices.DeleteFunc(v.unseen(), func(id string) bool {
		row := v.Seen[id].Row
		held := row != nil && row.Cordoned && !slices.Contains(v.Kept, id)
		return held || v.tries[fleet.Command{App: v.Name, Verb: fleet.Cordon, Machine: id}].Wins > 0
	})...)
}

// toWithdraw returns cordons for them, except for those that could not be cordoned.
func (v view) toWithdraw() []fleet.Command {
	var out []fleet.Command
	for _, id := range v.open() {
		if !v.ended(fleet.Cordon, id) {
			out = append(out, fleet.Command{App: v.Name, Verb: fleet.Cordon, Machine: id})
		}
	}
	return out
}

// neverServed reports whether the lists show that no proxy can have sent a green machine
// a connection.
func (v view) neverServed(m *fleet.Machine) bool { return !v.promoted && v.Seen[m.ID].InTime }

// mayYetShow reports whether the lists have not shown that for long enough yet.
func (v view) mayYetShow(m *fleet.Machine) bool {
	return v.neverServed(m) && !v.Seen[m.ID].Shut(v.spread)
}

// toHold returns the cordons of what takes traffic, or may, and is not to: of green,
// which may be to stop too, and stragglers that the floor does not need.
func (v view) toHold() []fleet.Command {
	rest := v.toRest()
	holds := slices.DeleteFunc(v.toWithdraw(), func(c fleet.Command) bool { return rest.Has(c.Machine) })
	return slices.Concat(holds, v.on(fleet.Cordon, v.removable(v.Stragglers.Uncordoned())), v.on(fleet.Rest, rest))
}
