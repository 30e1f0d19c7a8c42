package drain

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/safe"
)

// reach runs the loop until the goal of some apps is reached, or has failed and is
// undone.
func (j *run) reach(ctx context.Context, part []*app, g facts.Goal) (rollout.Decision, error) {
	j.part, j.goal, j.facts, j.lists = part, g, facts.Facts{}, nil
	for pace := j.ListEvery; ; {
		was := j.facts
		err := j.look(ctx)
		if ctx.Err() != nil {
			return j.interrupted(ctx)
		}
		if err != nil {
			if d, over := j.unlisted(ctx, err); over {
				return d, err
			}
			continue
		}
		j.tellChanges(was)
		d := rollout.Decide(j.goal, j.lists, j.facts, j.now())
		if d.Fail && !j.goal.Promoted && errors.Is(d.Cause, ErrNotHealthy) {
			j.tellLogs(ctx, d.About)
		}
		j.tellDecision(d)
		if !j.facts.Ready.IsZero() {
			j.counts.Wait() // what cannot be counted is told before the cutover, and no list has yet let that begin
		}
		for _, c := range d.Cancel {
			j.under[c]()
		}
		switch {
		case d.Done != rollout.None:
			return d, nil
		case d.Fail:
			j.failedIn = Phase(d.Phase)
			j.goal, j.facts = rollout.Turn(j.goal, j.facts, d, j.now())
			continue
		}
		j.goal, j.facts = facts.Begin(j.goal, j.facts, d.Run, j.now())
		if err := j.start(ctx, d); err != nil {
			return d, err
		}
		switch {
		case d.Phase == rollout.PhaseDrain && !j.facts.Routing.After(was.Routing) && len(d.Run)+len(d.Cancel) == 0 && !j.facts.Unsure():
			pace = min(2*pace, slowest)
		case d.Phase == rollout.PhasePrepare && j.facts.Creating():
			pace = j.ListEvery * 3 / 2 // flyctl says what it has created; the lists that count can come at once
		default:
			pace = j.ListEvery
		}
		j.wait(ctx, pace, d.Until)
	}
}

// look lists the machines of all apps, side by side, and takes that for what is there
// now; it does so again where one took so long that what was seen of the others is old.
func (j *run) look(ctx context.Context) error {
	for look := 1; ; look++ {
		begun := j.now()
		lists := make([]fleet.List, len(j.part))
		first := begun
		if j.facts.Apps == nil { // the lists by which the goal was made will do
			first = begun.Add(-j.ListEvery)
		}
		var mu sync.Mutex // of begun
		err := each(ctx, j.part, func(ctx context.Context, i int, a *app) (err error) {
			var at time.Time
			lists[i], at, err = a.lists.Now(ctx, first)
			mu.Lock()
			defer mu.Unlock()
			if at.Before(begun) {
				begun = at
			}
			return err
		})
		if err != nil {
			return err
		}
		now := j.now()
		if len(j.part) > 1 && now.Sub(begun) > freshness && look < repairs {
			continue
		}
		j.lists, j.blind = lists, time.Time{}
		j.facts = rollout.Observe(j.goal, j.facts, lists, begun, now)
		j.mu.Lock()
		defer j.mu.Unlock()
		j.seen = known{j.goal, j.facts}
		return nil
	}
}

// unlisted decides what to do while an app cannot be listed. A drain of days outlives
// an outage of hours. Before the drain, a release is undone after a minute, and given up
// after five. flyctl's own tries come on top.
func (j *run) unlisted(ctx context.Context, err error) (rollout.Decision, bool) {
	now := j.now()
	draining := j.goal.Aim == facts.DrainOnly || !j.facts.Over.IsZero()
	if j.blind.IsZero() {
		j.blind = now
		if !draining { // a drain says so itself
			j.warn("the machines cannot be listed, so nothing is changed until they can: " + safe.Line(err))
		}
	}
	d := rollout.Decision{Why: safe.Line(err), Cause: err, Done: rollout.Left}
	switch lost := now.Sub(j.blind); {
	case j.facts.Apps == nil, lost >= undoAfter && draining && final(err), lost >= lostAfter && !draining:
		j.cancelAll()
		j.lost = true
		if draining {
			d.Done = rollout.Draining
		} else if j.facts.Apps == nil {
			d.Done = rollout.Undone
		}
		return d, true
	case !draining && lost >= undoAfter && j.goal.Aim == facts.Forward:
		j.goal, j.facts = rollout.Turn(j.goal, j.facts, d, now)
	}
	j.wait(ctx, quietLook, time.Time{})
	return d, false
}

// interrupted finishes what is half done, in the time that an interrupt leaves, and
// looks once more at how that leaves things.
func (j *run) interrupted(ctx context.Context) (rollout.Decision, error) {
	j.cancelAll()
	cause := context.Cause(ctx)
	if j.goal.Aim == facts.Back && j.goal.Cause != nil {
		cause = fmt.Errorf("%s; while this was undone: %w", j.goal.Why, cause)
	}
	if j.facts.Apps == nil {
		return rollout.Decision{Done: rollout.Undone}, cause
	}
	err := j.finish(ctx)
	last, cancel := j.budget.outlive(ctx, endBy)
	defer cancel()
	j.lost = j.look(last) != nil
	return rollout.Interrupted(j.goal, j.lists, j.facts, j.now()), errors.Join(cause, err)
}

// finish runs the last commands of an interrupted run until two lists in a row ask
// for none: a machine whose creation was cut short can be late in the list.
func (j *run) finish(ctx context.Context) error {
	ctx, cancel := j.budget.outlive(ctx, repairFor)
	defer cancel()
	for quiet := 0; quiet < 2; {
		_ = j.look(ctx) // without a new list, the last one has to do
		commands, why := rollout.LastCommands(j.goal, j.lists, j.facts, j.now())
		if len(commands) == 0 || ctx.Err() != nil {
			if quiet++; why != rollout.HoldGreen || sleep(ctx, j.ListEvery) != nil {
				return nil
			}
			continue
		}
		quiet = 0
		d := rollout.Decision{Run: commands}
		j.goal, j.facts = facts.Begin(j.goal, j.facts, d.Run, j.now())
		if err := errors.Join(j.start(ctx, d), j.endAll()); err != nil && ctx.Err() != nil {
			return newError(nil, "%s: %w", why, err)
		}
	}
	return nil
}

// cancelAll ends all commands, and returns when they have ended.
func (j *run) cancelAll() {
	for _, cancel := range j.under {
		cancel()
	}
	_ = j.endAll()
}

// endAll returns when all commands have ended, with their errors.
func (j *run) endAll() error {
	var errs []error
	for len(j.under) > 0 {
		e := <-j.ended
		j.end(e)
		errs = append(errs, e.err)
	}
	return errors.Join(errs...)
}

func (j *run) end(e ended) {
	delete(j.under, e.command)
	j.facts = facts.End(j.goal, j.facts, e.command, e.id, e.err, j.now())
	j.tellEnded(e)
}
