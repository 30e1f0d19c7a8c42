package rollout

import (
	"fmt"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// Green returns an app's green machines on a list: those that serve or are to, and
// what is surplus.
func Green(g facts.Goal, f facts.Facts, app int, l fleet.List) (kept, surplus fleet.List) {
	v := only(g, f, app, l)
	return v.Kept(), v.Surplus()
}

// Old returns an app's machines on a list that are to go once the release serves.
func Old(g facts.Goal, f facts.Facts, app int, l fleet.List) fleet.List {
	v := only(g, f, app, l)
	return append(append(fleet.List{}, v.Blue...), v.Earlier...)
}

// Strange returns an app's managed machines on a list that have appeared since the
// release began, and are of no release that it knows.
func Strange(g facts.Goal, f facts.Facts, app int, l fleet.List) fleet.List {
	return only(g, f, app, l).Strange
}

// Unseen returns an app's machines that are green, or may be, and that a list says
// nothing about.
func Unseen(g facts.Goal, f facts.Facts, app int, l fleet.List) []string {
	return only(g, f, app, l).MayBeLeft()
}

// Open returns an app's green machines that are uncordoned on a list, or may be.
func Open(g facts.Goal, f facts.Facts, app int, l fleet.List) []string {
	return only(g, f, app, l).Open()
}

// Spared says why a cordoned machine must not be destroyed now, by its app's newest
// list: its place needs a serving machine and has none. It returns "" if it may be.
func Spared(g facts.Goal, f facts.Facts, app int, l fleet.List, id string) string {
	v := only(g, f, app, l)
	if m := l.Find(id); m != nil && !v.Covered(m) {
		return fmt.Sprintf("nothing serves in %s", m.Place())
	}
	return ""
}

// only is the view of one app alone.
func only(g facts.Goal, f facts.Facts, app int, l fleet.List) standing.View {
	lists := make([]fleet.List, len(g.Apps))
	lists[app] = l
	return standing.Views(g, lists, f, f.Listed)[app]
}
