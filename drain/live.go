package drain

import (
	"context"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// newRun returns a run of a resolved release of these apps, on Fly.
func newRun(r Release, events *listener, budget *interrupt, apps ...*app) *run {
	j := &run{Release: r, apps: apps, events: events, budget: budget, ended: make(chan ended), soon: make(chan struct{}, 1), under: map[fleet.Command]context.CancelFunc{}}
	j.world, j.told.healthy = live{j}, map[string]bool{}
	return j
}

// live is Fly, and the time that a clock shows.
type live struct{ j *run }

func (live) now() time.Time { return time.Now() }

// start begins commands. The drains of one app that begin together share their polls.
func (w live) start(ctx context.Context, d rollout.Decision) error {
	j := w.j
	drains := map[*app][]string{}
	for _, cs := range fleet.Together(d.Run, j.alone) {
		a := j.appOf(cs[0])
		if cs[0].Verb == fleet.Drain {
			drains[a] = append(drains[a], cs[0].Machine)
			continue
		}
		ctx, cancel := context.WithCancel(ctx)
		for _, c := range cs {
			j.under[c] = cancel
		}
		go func() {
			defer cancel()
			j.executeAll(ctx, a, cs, func(c fleet.Command, id string, err error) { j.ended <- ended{c, id, err} })
		}()
	}
	for a, ids := range drains {
		command := func(id string) fleet.Command { return fleet.Command{App: a.Name, Verb: fleet.Drain, Machine: id} }
		ctx, cancel := context.WithCancel(ctx)
		for _, id := range ids {
			j.under[command(id)] = cancel
		}
		if !j.facts.Over.IsZero() && j.goal.Bake > 0 {
			a.baked = j.facts.Over.Add(j.goal.Bake)
		}
		go func() {
			defer cancel()
			j.drainIdle(ctx, a, ids, func(id string, err error) { j.ended <- ended{command(id), "", err} })
		}()
	}
	return nil
}

// wait returns when a command has ended, after the pace, or at until.
func (w live) wait(ctx context.Context, pace time.Duration, until time.Time) {
	if !until.IsZero() {
		if left := max(0, time.Until(until)); left < 2*pace { // a list just before would only put off the one that counts
			pace = left
		}
	}
	timer := time.NewTimer(max(pace, time.Millisecond))
	defer timer.Stop()
	for waiting := true; waiting; {
		select {
		case <-ctx.Done():
			waiting = false
		case <-timer.C:
			waiting = false
		case <-w.j.soon:
			waiting = false
		case e := <-w.j.ended:
			w.j.end(e)
			waiting = w.goesOn(ctx, e.command)
		}
	}
	for { // those that ended with it
		select {
		case e := <-w.j.ended:
			w.j.end(e)
		default:
			return
		}
	}
}

// goesOn begins what can be begun though a command has ended just now, and reports
// whether the next list can wait for its turn.
func (w live) goesOn(ctx context.Context, c fleet.Command) bool {
	j := w.j
	hold, wait := rollout.AfterEnd(j.goal, j.lists, j.facts, c, j.now())
	d := rollout.Decision{Run: hold}
	j.goal, j.facts = facts.Begin(j.goal, j.facts, d.Run, j.now())
	_ = w.start(ctx, d) // only a plan's fails
	return wait
}
