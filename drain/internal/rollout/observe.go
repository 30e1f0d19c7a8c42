package rollout

import (
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Observe folds new lists, one of each app in the goal's order, into the facts: what they
// show, and how far the release has come by that. They were begun at listed, and are
// there now.
func Observe(g facts.Goal, f facts.Facts, lists []fleet.List, listed, now time.Time) facts.Facts {
	first := f.Apps == nil
	f = facts.See(g, f, lists, listed, now)
	if first {
		for i, v := range views(g, lists, f, now) {
			f.Apps[i].Floor = v.firstFloor()
			if g.Promoted {
				f.Apps[i].Kept = v.Green.Uncordoned().IDs() // another run has uncordoned them
			}
		}
	}
	vs := views(g, lists, f, now)
	for i := range vs {
		v, a := &vs[i], &f.Apps[i]
		a.Wrong = spells(a.Wrong, v.wrong(), now)
		v.Wrong = a.Wrong
		progress(&a.Making, *v)
	}
	stand(&f, g, vs, now)
	return f
}

// stand notes how far the release has come by these lists.
func stand(f *facts.Facts, g facts.Goal, vs []view, now time.Time) {
	if g.Aim == facts.Forward && g.Promoted && f.Over.IsZero() && !flying(*f, fleet.Cordon, fleet.Uncordon) &&
		every(vs, func(v view) bool {
			return !v.Doubt && len(v.toCordon()) == 0 && !v.passing(silent) && v.holds(v.kept())
		}) {
		f.Over = now
	}
	since(&f.Doubted, now, some(vs, func(v view) bool { return v.Doubt }))
	since(&f.Ready, now, every(vs, func(v view) bool { return !v.Doubt && v.whole() && (g.Rollback || v.held()) }))
	since(&f.Restored, now, g.Aim == facts.Back && every(vs, func(v view) bool { return len(v.toRestore()) == 0 }))
	since(&f.Shut, now, !f.Restored.IsZero() && len(each(vs, view.toWithdraw)) == 0)
	var good bool
	switch {
	case g.Aim == facts.Back:
		good = every(vs, func(v view) bool { return v.backHolds(v.Blue) })
	case !g.Promoted:
		good = !f.Ready.IsZero() && every(vs, func(v view) bool { return v.well() && !v.changing() })
	default:
		bound := trouble(vs, &Decision{}) // and blue is not enough
		good = every(vs, func(v view) bool {
			return !v.Doubt && v.holds(v.kept()) && (bound || v.whole() && v.well() && !v.changing())
		})
	}
	f.Good++
	if !good {
		f.Good = 0
	}
}
