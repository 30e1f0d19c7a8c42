package rollout

import (
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Green returns an app's green machines on a list: those that serve or are to, and
// what is surplus.
func Green(g Goal, f Facts, app int, l fleet.List) (kept, surplus fleet.List) {
	v := only(g, f, app, l)
	return v.kept(), v.surplus()
}

// Old returns an app's machines on a list that are to go once the release serves.
func Old(g Goal, f Facts, app int, l fleet.List) fleet.List {
	v := only(g, f, app, l)
	return append(append(fleet.List{}, v.Blue...), v.Earlier...)
}

// Strange returns an app's managed machines on a list that have appeared since the
// release began, and are of no release that it knows.
func Strange(g Goal, f Facts, app int, l fleet.List) fleet.List { return only(g, f, app, l).Strange }

// Unseen returns an app's green machines that are there, as flyctl or a list has
// said, and of which a list says nothing.
func Unseen(g Goal, f Facts, app int, l fleet.List) []string { return only(g, f, app, l).unseen() }

// Spared says why a cordoned machine must not be destroyed now, by its app's newest
// list: its place needs a serving machine and has none. It returns "" if it may be.
func Spared(g Goal, f Facts, app int, l fleet.List, id string) string {
	v := only(g, f, app, l)
	if m := l.Find(id); m != nil && !v.serves(m.Place()) {
		return fmt.Sprintf("nothing serves in %s", m.Place())
	}
	return ""
}

// only is the view of one app alone.
func only(g Goal, f Facts, app int, l fleet.List) view {
	lists := make([]fleet.List, len(g.Apps))
	lists[app] = l
	return views(g, lists, f, f.Listed)[app]
}

// Unsure reports whether something looks wrong that has not for long enough, so
// that lists should follow each other closely.
func (f Facts) Unsure() bool {
	for _, a := range f.Apps {
		if a.Doubt || len(a.Wrong) > 0 {
			return true
		}
	}
	return false
}

// Interrupted says how a run ends that was interrupted, and whose last commands
// are done.
func Interrupted(g Goal, lists []fleet.List, f Facts, now time.Time) Decision {
	vs := views(g, lists, f, now)
	d := Decision{Row: "interrupt", Why: "interrupted"}
	green := count(vs, func(v view) fleet.List { return v.Green })
	switch {
	case g.Aim == DrainOnly || !f.Over.IsZero(),
		g.Aim == Forward && g.Promoted && every(vs, func(v view) bool { return len(v.toCordon()) == 0 && v.holds(v.kept()) }):
		d.Done = Draining
	case g.Rollback && every(vs, func(v view) bool { return len(v.open()) == 0 }):
		d.Done = Draining
	case green == 0 && !g.Resumed && every(vs, func(v view) bool { return len(v.unseen()) == 0 }):
		d.Done = Undone
	default:
		d.Done = Left
	}
	return d
}
