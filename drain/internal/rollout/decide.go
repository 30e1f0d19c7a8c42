package rollout

import (
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Decide says what to do next. The lists are those of [Observe], one of each app
// in the goal's order, and the facts are what it returned with them.
func Decide(g Goal, lists []fleet.List, f Facts, now time.Time) Decision {
	vs := views(g, lists, f, now)
	var d Decision
	switch g.Aim {
	case Forward:
		d = forward(g, f, vs)
	case Back:
		d = goBack(g, f, vs)
	default:
		d = drainOnly(g, f, vs)
	}
	if d.Fail && g.WellOnly { // there is nothing to undo
		d.Fail, d.Done = false, Left
	}
	d.Run = due(f, d.Run, now)
	if d.Done != None && len(f.Flying) > 0 { // a drain is a wait: it is left to a later run
		d.Done, d.Why, d.Cancel = None, d.Why+"; the commands under way must end first", underWay(f, fleet.Drain)
	}
	return d
}
