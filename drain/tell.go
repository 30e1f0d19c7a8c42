package drain

import (
	"errors"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/safe"
)

// tellPhase ends the current phase, with an error or without, and begins the next.
func (j *run) tellPhase(next Phase, err error) {
	t := &j.told
	if t.phase == next {
		return
	}
	if t.phase != "" {
		e := Event{Kind: EventPhaseEnded, Phase: t.phase, Took: time.Since(t.begun)}
		if err != nil {
			e.Why = safe.Line(err)
		}
		j.events.send(e)
	}
	t.phase, t.begun = next, time.Now()
	if next != "" {
		j.events.send(Event{Kind: EventPhaseBegun, Phase: next})
	}
}

// phase returns a decision's phase, as events and plans name it.
func (j *run) phase(d rollout.Decision) Phase {
	if j.goal.Aim == facts.Back {
		return PhaseUndo
	}
	return Phase(d.Phase)
}

// tellDecision sends the events of a decision: its phase, and what it waits for.
func (j *run) tellDecision(d rollout.Decision) {
	if d.Done == rollout.None || d.Done == rollout.Person {
		j.tellPhase(j.phase(d), nil)
	}
	if d.Fail {
		j.tellPhase("", failure(d))
		return
	}
	switch d.Row {
	case rollout.RowMixed:
		j.warnOnce(d.Why)
	case rollout.RowPromote:
		for i, a := range j.part {
			for _, m := range j.view(i).Surplus() {
				e := about(EventCordoned, m)
				e.Why = "one machine too many: it stays cordoned, and is destroyed"
				a.emit(e)
			}
		}
	}
	waits := d.Done == rollout.None && (d.Phase != rollout.PhaseDrain || d.Row == rollout.RowBake) && len(d.Run)+len(j.under) == 0
	if waits && j.told.why != d.Why {
		j.events.send(Event{Kind: EventWaiting, Until: d.Until, Why: d.Why})
	}
	if len(j.under) == 0 {
		j.told.why = d.Why
	}
}

// warnOnce warns, unless that was the last thing said.
func (j *run) warnOnce(why string) {
	if j.told.why != why {
		j.told.why = why
		j.warn(why)
	}
}

func (j *run) warn(why string) { j.events.send(Event{Kind: EventWarning, Why: why}) }

// tellChanges sends the events for what is new on the newest lists.
func (j *run) tellChanges(was facts.Facts) {
	if j.goal.Aim == facts.DrainOnly {
		return // it is about machines that were there before
	}
	creates := !j.goal.Resumed && !j.goal.Rollback
	for i, a := range j.part {
		for _, m := range j.view(i).Green {
			now, before := j.facts.Apps[i].Seen[m.ID], facts.Evidence{}
			if was.Apps != nil {
				before = was.Apps[i].Seen[m.ID]
			}
			if before.First.IsZero() && creates {
				a.emitMachine(EventCreated, m)
			}
			if before.Held.IsZero() && !now.Held.IsZero() && creates {
				e := about(EventHeld, m)
				e.Took = now.Held.Sub(now.First)
				a.emit(e)
			}
			if m.Healthy() && !j.told.healthy[m.ID] {
				j.told.healthy[m.ID] = true
				a.emitMachine(EventHealthy, m)
			}
		}
	}
}

// tellEnded sends the event of a command that has ended.
func (j *run) tellEnded(e ended) {
	a := j.appOf(e.command)
	switch verb := e.command.Verb; {
	case a == nil:
	case e.err == nil && verb == fleet.Cordon && (j.goal.Promoted || j.goal.Aim == facts.Back): // else it is a hold
		a.emitMachine(EventCordoned, a.lists.Row(e.command.Machine))
	case e.err == nil && verb == fleet.Uncordon:
		a.emitMachine(EventUncordoned, a.lists.Row(e.command.Machine))
	case e.err != nil && verb == fleet.Record:
		a.warn("the old release serves, but Fly's own record still names the new one, so a later fly command may bring it back: " + safe.Line(e.err))
	}
}

// failure is a decision's failure as an error.
func failure(d rollout.Decision) error {
	if d.Cause == nil {
		return newError(nil, "%s", d.Why)
	}
	for _, kind := range []error{ErrNotHealthy, ErrChanged} {
		if errors.Is(d.Cause, kind) {
			return &Error{App: d.App, Machine: d.About, Kind: kind, Why: d.Why, cause: d.Cause}
		}
	}
	return d.Cause
}
