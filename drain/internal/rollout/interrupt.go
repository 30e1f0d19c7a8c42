package rollout

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// HoldGreen is the reason of the last commands that hold green. More green may appear.
const HoldGreen = "hold green"

// LastCommands are the commands to run after an interrupt, which never changes
// the goal: they finish what is half done, and are bounded by the caller. Green
// that is not promoted is held. What may be left of a cutover is made whole.
func LastCommands(g facts.Goal, lists []fleet.List, f facts.Facts, now time.Time) (run []fleet.Command, why string) {
	vs := standing.Views(g, lists, f, now)
	touched := some(vs, func(v standing.View) bool {
		return slices.ContainsFunc(v.Blue, func(m *fleet.Machine) bool { return v.Seen[m.ID].Given })
	})
	uncordonBlue, cordonGreen := on(vs, fleet.Uncordon, standing.View.ToRestore), each(vs, standing.View.ToWithdraw)
	switch {
	case g.Aim == facts.DrainOnly || !f.Over.IsZero():
		return nil, ""
	case g.Aim == facts.Back && (g.Promoted || g.Resumed):
		return uncordonBlue, "uncordon blue"
	case !g.Promoted:
		return cordonGreen, HoldGreen
	case !touched && every(vs, func(v standing.View) bool { return v.BackHolds(v.Blue) }):
		return cordonGreen, "cordon green"
	case touched && every(vs, func(v standing.View) bool { return v.Holds(v.Kept()) }):
		return on(vs, fleet.Cordon, standing.View.ToCordon), "cordon the rest of blue"
	}
	return uncordonBlue, "uncordon blue"
}

// Interrupted says how an interrupted run ends, when its last commands are done.
func Interrupted(g facts.Goal, lists []fleet.List, f facts.Facts, now time.Time) Decision {
	vs := standing.Views(g, lists, f, now)
	d := Decision{Row: "interrupt", Why: "interrupted"}
	green := count(vs, func(v standing.View) fleet.List { return v.Green })
	switch {
	case g.Aim == facts.DrainOnly || !f.Over.IsZero(),
		g.Aim == facts.Forward && g.Promoted && every(vs, func(v standing.View) bool { return len(v.ToCordon()) == 0 && v.Holds(v.Kept()) }):
		d.Done = Draining
	case g.Rollback && every(vs, func(v standing.View) bool { return len(v.Open()) == 0 }):
		d.Done = Draining
	case green == 0 && !g.Resumed && every(vs, func(v standing.View) bool { return len(v.MayBeLeft()) == 0 }):
		d.Done = Undone
	default:
		d.Done = Left
	}
	return d
}
