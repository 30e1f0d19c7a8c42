package drain

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/idle"
	"github.com/flydrain/flydrain/drain/internal/safe"
	"github.com/flydrain/flydrain/drain/probe"
)

// AwaitIdle hands each id on as soon as its machine is idle: when it has stopped, by
// itself or by Fly's proxy, or when it had at most Limit connections on two readings
// in a row, at least 2 s (Confirm) apart, both taken after the settle time, which
// begins at its cordon. A stopped machine that the proxy may start again is idle only after the
// settle time too. A machine whose count is unknown is not idle. A machine of a
// group without services is idle at once, unless there is a WorkerProbe.
//
// A machine that is gone meanwhile is not handed on: there is nothing left to do.
// One that is not cordoned, that somebody uncordons, or that is not idle at its
// deadline (KeepMachine) is an error, and as any error of a pipe it ends the wait for
// the others too: [Release.Drain] continues with those. While flyctl cannot list the
// machines, the wait continues and nothing is decided.
//
// If there is an OnDrain, it runs in each machine as in a release.
//
// The settle time of a machine begins at its cordon, where these Steps have cordoned
// it, and otherwise when it was first seen cordoned. So does its deadline, but where
// the list shows that the cordon is older: see [Release.Drain].
func (s *Steps) AwaitIdle(p *script.Pipe) *script.Pipe {
	return s.stages.Stage(p, func(p *script.Pipe, ids <-chan string, emit func(string)) error {
		failed := func() error { return s.stages.Failed(p) }
		return s.app.awaitIdle(s.stages.Ctx, ids, failed, func(n idle.News, err error) {
			s.stages.Fail(p, err)
			if goes(n) {
				emit(n.Row.ID)
			}
		})
	})
}

// these hands on ids, and no others after them.
func these(ids ...string) <-chan string {
	in := make(chan string, len(ids))
	for _, id := range ids {
		in <- id
	}
	close(in)
	return in
}

// idleWait carries out what package idle decides.
type idleWait struct {
	*app
	watch idle.Watch
	tell  func(n idle.News, err error) // how the wait for a machine ended, and why it is left as it is
	blind bool                         // the last list could not be had

	commands sync.WaitGroup
}

func (a *app) newIdleWait(tell func(idle.News, error)) *idleWait {
	w := &idleWait{app: a, tell: tell, watch: idle.Watch{Limit: a.Limit, SoftLimit: a.SoftLimit, Workers: a.WorkerProbe != nil,
		Settle: a.Settle, Confirm: a.Confirm, Deadline: a.Deadline, From: a.baked, Stop: a.AtDeadline == StopMachine,
		Pause: a.StopPause, Run: a.drains, Spread: a.release.Propagation, Poll: a.Poll, ListEvery: a.release.ListEvery}}
	if within := a.within(); within > 0 {
		w.watch.Within = within + a.release.Bake
	}
	if a.OnDrain != "" {
		w.watch.Command = commandFor
	}
	return w
}

// awaitIdle waits for the machines that come in, and tells of each once, until
// the input is closed and none is left, or failed returns an error. One list and one
// round of probes serve a poll.
func (a *app) awaitIdle(ctx context.Context, in <-chan string, failed func() error, tell func(idle.News, error)) error {
	w := a.newIdleWait(tell)
	ctx, cancel := context.WithCancel(ctx)
	defer w.commands.Wait()
	defer cancel()
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	for in != nil || w.watch.Next() != idle.Never {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case id, ok := <-in:
			if !ok {
				in = nil
				continue
			}
			w.watch.Add(id, time.Now().Add(gather))
		case <-timer.C:
			if w.watch.Next() == idle.Never {
				break
			}
			if err := failed(); err != nil {
				return err
			}
			if !w.watch.Next().After(time.Now()) {
				if err := w.poll(ctx); err != nil {
					return err
				}
			}
			if w.watch.Next() != idle.Never {
				w.emit(Event{Kind: EventWaiting})
			}
		}
		timer.Reset(min(heartbeat, time.Until(w.watch.Next())))
	}
	return nil
}

// poll looks at the machines that are due. A wait of days outlives an outage of hours:
// it ends only where time does not mend why a list cannot be had.
func (w *idleWait) poll(ctx context.Context) error {
	l, err := w.list(ctx)
	if err != nil && (ctx.Err() != nil || final(err)) {
		return err
	}
	if err != nil && !w.blind {
		w.warn(fmt.Sprintf("the machines of %s cannot be listed, so those that drain are left alone until they can: %v", w.Name, err))
	}
	w.blind = err != nil
	now := time.Now()
	w.idling.Lock() // drains of a run that did not begin together share what they know
	due, told := w.watch.List(l, w.turns.Cordoned, now), w.watch.Told
	w.idling.Unlock()
	w.commands.Go(func() { w.onDrain(ctx, told) })
	w.carryOut(now)
	if len(due) == 0 {
		return nil
	}
	begun := time.Now()
	readings := w.count(ctx, max(w.watch.Pace(), askAll), due) // the next poll would come then
	if ctx.Err() != nil {
		return nil // what a probe says when it is cut short is not an answer
	}
	now = time.Now()
	w.idling.Lock()
	w.watch.Read(readings, begun, now)
	w.idling.Unlock()
	w.carryOut(now)
	return nil
}

// count asks the WorkerProbe about the workers, and the Probe about the others. A Highest
// answers whatever its probes do.
func (a *app) count(ctx context.Context, limit time.Duration, due fleet.List) map[string]probe.Reading {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var workers, others map[string]probe.Reading
	var asked sync.WaitGroup
	ask := func(p probe.Probe, ms fleet.List, into *map[string]probe.Reading) {
		if len(ms) > 0 {
			asked.Go(func() { *into = probe.Highest{p}.Count(ctx, a.fly, ms.Rows()) })
		}
	}
	ask(a.WorkerProbe, due.Where((*fleet.Machine).Worker), &workers)
	ask(a.Probe, due.Where(func(m *fleet.Machine) bool { return !m.Worker() }), &others)
	asked.Wait()
	all := map[string]probe.Reading{}
	maps.Copy(all, others)
	maps.Copy(all, workers)
	return all
}

// carryOut tells of what has been decided.
func (w *idleWait) carryOut(now time.Time) {
	for _, n := range w.watch.News {
		if n.Changed {
			e := about(EventConnections, n.Row)
			e.Reading, e.Limit = &n.Reading, n.Limit
			if n.Until != idle.Never {
				e.Until = n.Until
			}
			w.emit(e)
			if n.Row.Thin {
				w.warn(fmt.Sprintf("it is unknown whether machine %s is idle (%s): it is kept until Fly's list is complete again, or until its deadline", n.Row.ID, n.Reading.Why()))
			}
		}
		if n.Verdict != "" {
			w.end(n, now)
		}
	}
}

// goes reports whether a machine is to be stopped and destroyed now.
func goes(n idle.News) bool { return n.Verdict == idle.Idle || n.Verdict == idle.Stop }

// end tells how the wait for a machine ended.
func (w *idleWait) end(n idle.News, now time.Time) {
	id := n.Row.ID
	e := about(EventDeadline, n.Row)
	e.Reading, e.Took = &n.Reading, w.Deadline+now.Sub(n.Until)
	var err error
	switch n.Verdict {
	case idle.Idle:
		w.emitMachine(EventIdle, n.Row)
	case idle.Stop:
		e.Why = fmt.Sprintf("stopping it; this cuts %v", n.Reading)
		if _, known := n.Reading.Connections(); !known {
			e.Why = fmt.Sprintf("stopping it; the number of connections cut is unknown (%s)", n.Reading.Why())
		}
		w.emit(e)
	case idle.Keep:
		w.emit(e)
		err = w.fault(id, ErrNotIdle, "machine %s of %s is kept, though its deadline of %v is over: %v", id, w.Name, w.Deadline, n.Reading)
	case idle.Gone:
		w.emitMachine(EventDisappeared, n.Row)
	case idle.TakenBack:
		err = w.takenBack(id)
	case idle.Refused:
		err = w.unmanaged(id)
		if n.Row.Managed() {
			err = w.refuse(id, "machine %s is not cordoned: cordon it first; a machine that serves is never idle", id).mend(machineCommand("cordon", w.Name, id))
		}
	}
	if err != nil {
		kept := about(EventKept, n.Row)
		kept.Why = safe.Line(err)
		w.emit(kept)
	}
	w.tell(n, err)
}
