package standing

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// ToCordon returns the blue machines whose cordon no list has shown. One that
// somebody uncordons after that is not cordoned again.
func (v View) ToCordon() fleet.List {
	return append(v.Blue.Uncordoned(), v.Removable(v.Stragglers.Uncordoned())...).Where(func(m *fleet.Machine) bool { return !v.Seen[m.ID].Taken })
}

// ToUncordon returns green that is to serve, and that no list has shown uncordoned.
func (v View) ToUncordon() fleet.List { return v.Kept().Cordoned().Without(v.CordonedByOther()) }

// CordonedByOther returns the green machines that a list has shown promoted, and that
// somebody has cordoned since. To uncordon them again would be a fight with another run.
func (v View) CordonedByOther() fleet.List {
	return v.Kept().Cordoned().Where(func(m *fleet.Machine) bool { return !v.over && v.Seen[m.ID].Restored })
}

// overtaken reports whether another release has taken over: its machines hold the floor
// alone, and somebody has cordoned all that this run promoted. Whoever did drains blue by
// now, so blue stays as it is.
func (v View) overtaken() bool {
	return len(v.Strange.Uncordoned()) > 0 && v.BackHolds(v.Strange) && len(v.CordonedByOther()) == len(v.Kept())
}

// ToRestore returns the blue machines that Back has to uncordon: those that this
// run gave a cordon, or, where another run did, those that are shown cordoned. It returns
// none where another release has taken over.
func (v View) ToRestore() fleet.List {
	if v.overtaken() {
		return nil
	}
	return v.Blue.Where(func(m *fleet.Machine) bool {
		e := v.Seen[m.ID]
		return !m.Thin && !e.Restored && (e.Given || !v.Before.Known() && m.Cordoned) && !v.Ended(fleet.Uncordon, m.ID)
	})
}

// ToWake returns the workers among them that an unfinished run has stopped.
func (v View) ToWake() fleet.List {
	return v.ToRestore().Where(func(m *fleet.Machine) bool {
		return !v.Before.Known() && m.Worker() && m.Stopped() && m.StopRequested() && !m.Standby() && !v.Ended(fleet.Start, m.ID)
	})
}

// Restored reports whether this run has uncordoned blue again.
func (v View) Restored() bool {
	return slices.ContainsFunc(v.Blue, func(m *fleet.Machine) bool { return v.Seen[m.ID].Restored })
}

// Unrestored reports whether a blue machine could not be uncordoned again.
func (v View) Unrestored() bool {
	return !v.overtaken() && slices.ContainsFunc(v.Blue.Cordoned(), func(m *fleet.Machine) bool {
		e := v.Seen[m.ID]
		return !e.Restored && (e.Given || !v.Before.Known())
	})
}

// BlueDestroyed reports whether blue cannot be what it was: one of its machines is gone,
// or this run has stopped one of its workers.
func (v View) BlueDestroyed() bool {
	return slices.ContainsFunc(v.Before.Blue, func(id string) bool {
		e, m := v.Seen[id], v.List.Find(id)
		_, left := v.GivenUp[id]
		return e.Destroyed || e.Gone || (v.Drains(id) || left) && m != nil && m.Stopped() && m.Worker()
	})
}
