// Package rollout decides what a release does next. It is a pure function of a
// goal, the machine lists, what a run knows beyond them, and the time: no context,
// clock, goroutine or I/O. Its caller lists, folds the lists into the facts with
// [Observe], asks [Decide], runs the commands, and goes round.
//
// The rows of the tables are numbered, F1 to F20 for Forward, B1 to B9 for Back and
// D1 to D5 for DrainOnly, and each decision names its row.
package rollout

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// Decide says what to do next. The lists are those of [Observe], one of each app
// in the goal's order, and the facts are what it returned with them.
func Decide(g facts.Goal, lists []fleet.List, f facts.Facts, now time.Time) Decision {
	vs := standing.Views(g, lists, f, now)
	var d Decision
	switch g.Aim {
	case facts.Forward:
		d = forward(g, f, vs)
	case facts.Back:
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

// AfterEnd returns what is begun when a command has ended, before there is a new list:
// until the promotion, what was created is held at once. It reports whether that list can
// wait for its turn: cordons and uncordons of one round are looked at together.
func AfterEnd(g facts.Goal, lists []fleet.List, f facts.Facts, c fleet.Command, now time.Time) (hold []fleet.Command, wait bool) {
	if g.Aim != facts.Forward || g.Promoted || c.Verb != fleet.Clone && c.Verb != fleet.Cordon {
		return nil, flying(f, fleet.Cordon, fleet.Uncordon)
	}
	hold = Decide(g, lists, f, now).Run
	return slices.DeleteFunc(hold, func(c fleet.Command) bool { return c.Verb != fleet.Cordon }), true
}

// Turn returns the goal and the facts when Forward becomes Back.
func Turn(g facts.Goal, f facts.Facts, d Decision, now time.Time) (facts.Goal, facts.Facts) {
	g.Aim, g.Why, g.Cause, f.Turned, f.Good = facts.Back, d.Why, d.Cause, now, 0
	return g, f
}
