package drain

import (
	"errors"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// teller turns what the loop sees and decides into events, each once.
type teller struct {
	current Phase
	begun   time.Time
	why     string
	healthy map[string]bool
}

// phase ends the current phase, with an error or without, and begins the next.
func (t *teller) phase(j *run, next Phase, err error) {
	if t.current == next {
		return
	}
	if t.current != "" {
		e := Event{Kind: EventPhaseEnded, Phase: t.current, Took: time.Since(t.begun)}
		if err != nil {
			e.Why = oneLine(err)
		}
		j.tell(e)
	}
	t.current, t.begun = next, time.Now()
	if next != "" {
		j.tell(Event{Kind: EventPhaseBegun, Phase: next})
	}
}

// decision tells of the phase, and of why it waits.
func (t *teller) decision(j *run, d rollout.Decision) {
	if d.Done == rollout.None || d.Done == rollout.Person {
		t.phase(j, Phase(d.Phase), nil)
	}
	if d.Fail {
		t.phase(j, "", failure(d))
		return
	}
	if d.Row == "D1" {
		t.waiting(j, d.Why)
	}
	if d.Row == "F7" {
		for i, a := range j.part {
			_, surplus := rollout.Green(j.goal, j.facts, i, j.lists[i])
			for _, m := range surplus {
				a.emitMachine(EventSurplus, m)
			}
		}
	}
	if d.Row == "F18" && t.why != d.Why {
		j.tell(Event{Kind: EventBaking, Until: d.Until})
	}
	t.why = d.Why
}

// waiting warns, once, of what is waited for.
func (t *teller) waiting(j *run, why string) {
	if t.why != why {
		t.why = why
		j.tell(Event{Kind: EventWarning, Why: why})
	}
}

// changes tells what the newest lists show that those before did not.
func (t *teller) changes(j *run, was rollout.Facts) {
	if t.healthy == nil {
		t.healthy = map[string]bool{}
	}
	for i, a := range j.part {
		kept, surplus := rollout.Green(j.goal, j.facts, i, j.lists[i])
		for _, m := range append(kept, surplus...) {
			now, before := j.facts.Apps[i].Seen[m.ID], rollout.Evidence{}
			if was.Apps != nil {
				before = was.Apps[i].Seen[m.ID]
			}
			if before.First.IsZero() && !j.goal.Resumed && !j.goal.Rollback {
				a.emitMachine(EventCreated, m)
			}
			if before.Held.IsZero() && !now.Held.IsZero() && !j.goal.Resumed && !j.goal.Rollback {
				e := about(EventHeld, m)
				e.Took = now.Held.Sub(now.First)
				a.emit(e)
			}
			if m.Healthy() && !t.healthy[m.ID] {
				t.healthy[m.ID] = true
				a.emitMachine(EventHealthy, m)
			}
		}
	}
}

// ended tells what a command has done.
func (t *teller) ended(j *run, e ended) {
	a := j.appOf(e.command)
	if a == nil {
		return
	}
	m := j.row(a, e.command.Machine)
	switch {
	case e.err == nil && e.command.Verb == fleet.Cordon && (j.goal.Promoted || j.goal.Aim == rollout.Back): // else it is a hold
		a.emitMachine(EventCordoned, m)
	case e.err == nil && e.command.Verb == fleet.Uncordon:
		a.emitMachine(EventUncordoned, m)
	case e.err != nil && e.command.Verb == fleet.Record:
		a.warn("the old release serves, but Fly's own record still names the new one, and later fly commands may bring it back: " + oneLine(e.err))
	}
}

// row returns a machine by the newest list, or what is known of it without one.
func (j *run) row(a *app, id string) *fleet.Machine {
	for i, b := range j.part {
		if b == a && i < len(j.lists) {
			if m := j.lists[i].Find(id); m != nil {
				return m
			}
		}
	}
	m := &fleet.Machine{}
	m.ID = id
	return m
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
