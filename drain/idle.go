package drain

import (
	"context"
	"fmt"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

// AwaitIdle hands each id on as soon as its machine is idle: when it has stopped, by
// itself or by Fly's proxy, or when it had at most Limit connections on two readings
// in a row, the second 2 s (Confirm) after the first and not before the settle time
// after its cordon has passed. A stopped machine that the proxy may start again is
// idle only after the settle time too. A machine whose count is unknown is not idle.
// A machine of a group without services is idle at once, unless there is a WorkerProbe.
//
// A machine that is gone meanwhile is not handed on: there is nothing left to do.
// One that is not cordoned, that somebody uncordons, or that is not idle at its
// deadline (KeepMachine) is an error, and as any error of a pipe it ends the wait for
// the others too: [Release.Drain] continues with those. While flyctl cannot list the
// machines, the wait continues and nothing is decided.
//
// The settle time and the deadline of a machine begin at its cordon, where these
// Steps have cordoned it, and otherwise when it was first seen cordoned.
func (s *Steps) AwaitIdle(p *script.Pipe) *script.Pipe {
	return s.stages.stage(p, func(p *script.Pipe, ids <-chan string, emit func(string)) error {
		goOn := func() error { return s.stages.failed(p) }
		return s.app.awaitIdle(s.stages.ctx, ids, goOn, func(v verdict) {
			if v.err != nil {
				s.stages.fail(p, v.err)
			}
			if v.idle {
				emit(v.id)
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

// verdict is how the wait for a machine ended.
type verdict struct {
	id        string
	idle      bool  // else it is gone, or there is an error
	cut       int   // connections it still had, when its deadline says to go on
	uncounted bool  // how many these are is unknown, and so not in cut
	err       error // why it is not idle and not waited for
}

// watch is a wait for machines.
type watch struct {
	*app
	machines map[string]*watched
	tell     func(verdict)
	rows     int             // machines on the last list
	regions  map[string]bool // of these
	shared   time.Time       // when the next poll is that many machines share
	blind    time.Time       // when the list began to fail; zero while it does not
}

// watched is a machine that is waited for.
type watched struct {
	since   time.Time // cordoned, as far as we know: never earlier than it was
	idleAt  time.Time // of the idle reading that another must confirm; zero: none
	next    time.Time // when to look again
	prompt  bool      // then, and not when others are looked at too
	missing int       // lists in a row without it
	open    int       // lists in a row that showed it open
	region  string
	missed  time.Time // the first of these
	silent  int       // times in a row that it did not answer
	last    probe.Reading
	changed time.Time // when that reading was new
}

// awaitIdle waits for the machines that come in, and tells of each once, until
// the input is closed and none is left, or goOn returns an error. One list and one
// probe serve a poll.
func (a *app) awaitIdle(ctx context.Context, in <-chan string, goOn func() error, tell func(verdict)) error {
	w := &watch{app: a, machines: map[string]*watched{}, tell: tell}
	var next time.Time // poll; zero: nothing is watched
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	for in != nil || len(w.machines) > 0 {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case id, ok := <-in:
			if !ok {
				in = nil
				continue
			}
			if err := flyctl.ValidateID(id); err != nil {
				tell(verdict{id: id, err: err}) // no list will ever show it
				continue
			}
			if w.machines[id] == nil {
				w.machines[id] = &watched{prompt: true}
			}
			if soon := time.Now().Add(gather); next.IsZero() || next.After(soon) {
				next = soon
				timer.Reset(gather)
			}
			continue
		case <-timer.C:
		}
		if len(w.machines) > 0 {
			if err := goOn(); err != nil {
				return err
			}
			if !next.After(time.Now()) {
				if err := w.poll(ctx); err != nil {
					return err
				}
				next = w.next()
			}
		}
		if len(w.machines) > 0 {
			w.emit(Event{Kind: EventWaiting})
		} else {
			next = time.Time{}
		}
		timer.Reset(w.rest(next))
	}
	return nil
}

// next is when a machine is to be looked at again.
func (w *watch) next() time.Time {
	var next time.Time
	for _, m := range w.machines {
		at := m.next
		if !m.prompt {
			at = later(at, w.shared)
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}

// rest is how long to wait for the next poll, or the next heartbeat.
func (w *watch) rest(next time.Time) time.Duration {
	if next.IsZero() {
		return heartbeat
	}
	return min(heartbeat, time.Until(next))
}

// poll looks at the machines that are due. Those that would be before the next poll
// come with them, as a list is paid for all.
func (w *watch) poll(ctx context.Context) error {
	f, err := w.list(ctx)
	now := time.Now()
	if err != nil {
		return w.unlisted(ctx, now, err)
	}
	w.blind, w.rows, w.regions = time.Time{}, len(f), map[string]bool{}
	for _, row := range f {
		w.regions[row.Region] = true
	}
	until := now
	if least, _ := w.pace(); !now.Before(w.shared) {
		until = now.Add(least)
		w.shared = until
	}
	var due fleet.List
	listed := make(map[string]bool, len(f))
	for _, row := range f {
		m := w.machines[row.ID]
		if m == nil {
			continue
		}
		listed[row.ID] = true
		if w.settled(row, m, now) {
			continue
		}
		if !m.next.After(now) || !m.prompt && m.next.Before(until) {
			due = append(due, row)
		}
	}
	for id, m := range w.machines {
		if !listed[id] {
			w.missing(id, m, now)
		}
	}
	if len(due) > 0 {
		w.read(ctx, due)
	}
	return nil
}

// unlisted deals with a list that cannot be had: that is no answer, and a wait of
// days outlives an outage of hours. Only what time does not mend ends it.
func (w *watch) unlisted(ctx context.Context, now time.Time, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if final(err) {
		return err
	}
	if w.blind.IsZero() {
		w.blind = now
		w.warn(fmt.Sprintf("the machines of %s cannot be listed, so none of those that drain is touched until they can: %v", w.Name, err))
	}
	least, _ := w.pace()
	for _, m := range w.machines {
		m.idleAt, m.next, m.prompt = time.Time{}, now.Add(least), false
	}
	return nil
}

// missing deals with a machine that a list does not have. A list can be short of
// machines that exist, and has been empty for apps that had many: a few lists in
// a row are believed, and those that have none in its region, late.
// https://fly.io/infra-log/machines-api-duplicates/
func (w *watch) missing(id string, m *watched, now time.Time) {
	if m.missing == 0 {
		m.missed = now
	}
	m.missing++
	m.idleAt, m.next, m.prompt = time.Time{}, now.Add(w.listEvery), true
	doubt := missingFor
	if w.rows == 0 || m.region != "" && !w.regions[m.region] {
		doubt = regionMissing
	}
	if m.missing >= 3 && now.Sub(m.missed) >= doubt {
		w.done(&fleet.Machine{}, verdict{id: id})
	}
}

// done takes a machine out of the watch. Its row is zero where it has none any more.
func (w *watch) done(row *fleet.Machine, v verdict) {
	e := about(EventDisappeared, row)
	e.Machine = v.id
	if v.err != nil {
		e.Kind, e.Why = EventKept, oneLine(v.err)
	}
	if !v.idle {
		w.emit(e)
	}
	delete(w.machines, v.id)
	w.tell(v)
}

// settled deals with what the list alone tells of a machine.
func (w *watch) settled(row *fleet.Machine, m *watched, now time.Time) bool {
	m.missing = 0
	m.region = row.Region
	if row.Cordoned && !row.Thin {
		w.cordoned(row.ID, m, now)
	}
	switch {
	case row.Gone():
		w.done(row, verdict{id: row.ID})
	case row.Thin:
		// Its row is what was known when its host was last heard of, and may lack
		// its config: it says nothing.
		w.judge(row, m, probe.Unknown("its host is "+row.HostStatus), now, now)
	case !row.Managed():
		w.done(row, verdict{id: row.ID, err: w.unmanaged(row.ID)})
	case !row.Cordoned && w.stale(row.ID, m):
		m.idleAt, m.next = time.Time{}, now.Add(w.listEvery)
	case !row.Cordoned && m.since.IsZero():
		w.done(row, verdict{id: row.ID, err: refuse("machine %s is not cordoned: cordon it first; a machine that serves is never idle", row.ID).about(w.Name, row.ID).mend(machineCommand("cordon", w.Name, row.ID))})
	case !row.Cordoned:
		w.done(row, verdict{id: row.ID, err: newError(ErrTakenBack, "machine %s is left alone", row.ID).about(w.Name, row.ID).mend(machineCommand("cordon", w.Name, row.ID))})
	case (row.Stopped() || neverRan(row)) && row.Autostarts() && now.Before(m.settled(w.app)):
		m.idleAt, m.next, m.prompt = time.Time{}, m.settled(w.app), true // a proxy that does not know of the cordon may start it
	case row.Stopped(), neverRan(row), worker(row) && w.WorkerProbe == nil:
		w.emitMachine(EventIdle, row)
		w.done(row, verdict{id: row.ID, idle: true})
	default:
		return false
	}
	return true
}

// cordoned notes since when a machine is: its last cordon counts, as it may have
// been open before that.
func (w *watch) cordoned(id string, m *watched, now time.Time) {
	since := m.since
	if at, ok := w.cordonedAt.Load(id); ok && at.(time.Time).After(since) {
		since = at.(time.Time)
	} else if since.IsZero() || m.open > 0 {
		since = now
	}
	if since != m.since {
		m.since, m.idleAt = since, time.Time{}
	}
	m.open = 0
}

// settled is when all proxies are taken to know of a machine's cordon.
func (m *watched) settled(a *app) time.Time { return m.since.Add(a.Settle) }

// stale reports whether a list that shows a machine open may be of the time before
// its cordon: that is for three lists to say.
func (w *watch) stale(id string, m *watched) bool {
	_, ours := w.cordonedAt.Load(id)
	m.open++
	return m.open < 3 && (ours || !m.since.IsZero())
}

// worker reports whether a machine is of a group without services.
func worker(m *fleet.Machine) bool { return len(m.Config.Services) == 0 }
