package rollout

import (
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// Observe folds new lists, one of each app in the goal's order, into the facts: what they
// show, and how far the release has come by that. They were begun at listed, and are
// there now.
func Observe(g facts.Goal, f facts.Facts, lists []fleet.List, listed, now time.Time) facts.Facts {
	first := f.Apps == nil
	f = facts.See(g, f, lists, listed, now)
	if first {
		for i, v := range standing.Views(g, lists, f, now) {
			f.Apps[i].Least = v.FirstFloor()
			if g.Promoted {
				f.Apps[i].Promoted = v.Green.Uncordoned().IDs() // another run has uncordoned them
			}
		}
	}
	vs := standing.Views(g, lists, f, now)
	for i := range vs {
		v, a := &vs[i], &f.Apps[i]
		a.Wrong = v.Ailments()
		v.Wrong = a.Wrong
		progress(&a.Making, *v)
	}
	stand(&f, g, vs, now)
	return f
}

// stand notes how far the release has come by these lists.
func stand(f *facts.Facts, g facts.Goal, vs []standing.View, now time.Time) {
	if g.Aim == facts.Forward && g.Promoted && f.Over.IsZero() && !flying(*f, fleet.Cordon, fleet.Uncordon) &&
		every(vs, func(v standing.View) bool {
			return !v.Doubt && len(v.ToCordon()) == 0 && !v.Passing(standing.Silent) && v.Holds(v.Kept())
		}) {
		f.Over = now
	}
	since(&f.Doubted, now, some(vs, func(v standing.View) bool { return v.Doubt }))
	since(&f.Ready, now, every(vs, func(v standing.View) bool { return !v.Doubt && v.Whole() && (g.Rollback || v.Held()) }))
	since(&f.Restored, now, g.Aim == facts.Back && every(vs, func(v standing.View) bool { return len(v.ToRestore()) == 0 }))
	since(&f.Shut, now, !f.Restored.IsZero() && len(each(vs, standing.View.ToWithdraw)) == 0)
	var good bool
	switch {
	case g.Aim == facts.Back:
		good = every(vs, func(v standing.View) bool { return v.BackHolds(v.Blue) })
	case !g.Promoted:
		good = !f.Ready.IsZero() && every(vs, func(v standing.View) bool { return v.Well() && !v.Changing() })
	default:
		bound := trouble(vs, &Decision{}) // and blue is not enough
		good = every(vs, func(v standing.View) bool {
			return !v.Doubt && v.Holds(v.Kept()) && (bound || v.Whole() && v.Well() && !v.Changing())
		})
	}
	f.Good++
	if !good {
		f.Good = 0
	}
}
