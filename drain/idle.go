package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// SoftLimit, as an App's Limit, is each machine's own: the soft_limit of its
// services, added up; 0 where it has none.
const SoftLimit = -1

// secondRead is how long after an idle reading the next one comes that must agree with it.
const secondRead = 2 * time.Second

// AtDeadline says what happens to a machine that is not idle at its deadline.
type AtDeadline int

const (
	Keep          AtDeadline = iota // report it, and leave it as it is
	StopConnected                   // go on as if it were idle: what is still connected is cut
)

// AwaitIdle returns when each machine is idle: when it has stopped, or has had
// at most Limit connections on two readings in a row, the second 2 s after the
// first and no sooner than the settle time after its cordon. What the probe does
// not know is not idle. A machine of a group without services is idle at once,
// as nothing tells whether it is at work.
//
// A machine that has gone meanwhile is done. One that is not cordoned, or that
// somebody takes back into traffic, is an error for that machine, as is one that
// its deadline finds busy (under [Keep]); the others are waited for all the same.
func (a *App) AwaitIdle(ctx context.Context, ids ...string) error {
	in := make(chan string, len(ids))
	for _, id := range ids {
		in <- id
	}
	close(in)
	var errs []error
	goOn := func() error { return nil }
	err := a.awaitIdle(ctx, in, goOn, func(v verdict) {
		if v.err != nil {
			errs = append(errs, v.err)
		}
	})
	return errors.Join(append(errs, err)...)
}

// verdict is how the wait for a machine ended.
type verdict struct {
	id   string
	idle bool  // else it has gone, or there is an error
	cut  int   // connections it still had, when its deadline says to go on
	err  error // why it is not idle and not waited for
}

// watched is a machine that is waited for.
type watched struct {
	since   time.Time // cordoned, as far as we know: never earlier than it was
	idleAt  time.Time // of the idle reading that another must confirm; zero: none
	next    time.Time // when to look again
	missing int       // lists in a row without it
	last    Reading
	changed time.Time // when that reading was new
}

// awaitIdle waits for the machines that come in, and tells of each once, until
// the input is closed and none is left, or goOn gives an error. One list and one
// probe serve a poll.
func (a *App) awaitIdle(ctx context.Context, in <-chan string, goOn func() error, tell func(verdict)) error {
	a.client()
	w := &watch{App: a, machines: map[string]*watched{}, tell: tell}
	timer := time.NewTimer(0)
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
			if err := flyctl.CheckID(id); err != nil {
				tell(verdict{id: id, err: err}) // no list will ever show it
				continue
			}
			if w.machines[id] == nil {
				w.machines[id] = &watched{}
			}
			timer.Reset(0)
			continue
		case <-timer.C:
		}
		if len(w.machines) == 0 {
			continue
		}
		if err := goOn(); err != nil {
			return err
		}
		next, err := w.poll(ctx)
		if err != nil {
			return err
		}
		timer.Reset(time.Until(next))
	}
	return nil
}

type watch struct {
	*App
	machines map[string]*watched
	tell     func(verdict)
}

// poll looks at the machines that are due, and says when the next one is.
func (w *watch) poll(ctx context.Context) (next time.Time, err error) {
	now := time.Now()
	f, err := w.list(ctx)
	if err != nil {
		return now, err
	}
	var due fleet
	for id, m := range w.machines {
		row, here := f.find(id)
		if w.settled(id, m, row, here, now) {
			continue
		}
		if here && !m.next.After(now) {
			due = append(due, row)
		}
	}
	if len(due) > 0 {
		w.read(ctx, due)
	}
	if len(w.machines) > 0 {
		w.emit(Event{Kind: Waiting})
	}
	next = now.Add(time.Minute)
	for _, m := range w.machines {
		if m.next.Before(next) {
			next = m.next
		}
	}
	return next, nil
}

// done takes a machine out of the watch. Its row is zero where it has none any more.
func (w *watch) done(row flyctl.Machine, v verdict) {
	e := about(Gone, row)
	e.Machine = v.id
	if v.err != nil {
		e.Kind, e.Text = Kept, oneLine(v.err)
	}
	if !v.idle {
		w.emit(e)
	}
	delete(w.machines, v.id)
	w.tell(v)
}

// settled deals with what the list alone tells of a machine.
func (w *watch) settled(id string, m *watched, row flyctl.Machine, here bool, now time.Time) bool {
	if !here || row.Gone() {
		// A list can be short of machines that exist: one alone is not believed.
		m.next = now.Add(w.tick())
		if m.missing++; m.missing < 3 {
			return false
		}
		w.done(row, verdict{id: id})
		return true
	}
	m.missing = 0
	if !row.Reachable() {
		// Its row is what was known when its host was last heard of, and may lack
		// its config: it says nothing.
		w.judge(row, m, Unknown("its host is "+row.HostStatus), now)
		return true
	}
	switch {
	case !row.Managed():
		w.done(row, verdict{id: id, err: refuse("machine %s is not managed by fly deploy: it is left alone", id)})
		return true
	case !row.Cordoned:
		err := refuse("machine %s is not cordoned: it gets new connections, and would never be idle for sure", id)
		if !m.since.IsZero() {
			err = fmt.Errorf("%w: machine %s was uncordoned by somebody else: it is left alone", ErrTakenBack, id)
		}
		w.done(row, verdict{id: id, err: err})
		return true
	}
	if m.since.IsZero() {
		m.since = now
		if at, ok := w.cordonedAt.Load(id); ok {
			m.since = at.(time.Time)
		}
	}
	if row.Stopped() || neverRan(row) || len(row.Config.Services) == 0 {
		w.emitMachine(Idle, row)
		w.done(row, verdict{id: id, idle: true})
		return true
	}
	return false
}

// read asks the probe about machines, and judges the answers.
func (w *watch) read(ctx context.Context, due fleet) {
	begun := time.Now()
	readings := w.probe().Count(ctx, w.fly, due)
	if ctx.Err() != nil {
		return // what a probe says when it is cut short is not an answer
	}
	for _, row := range due {
		w.judge(row, w.machines[row.ID], readings[row.ID], begun)
	}
}

func (w *watch) judge(row flyctl.Machine, m *watched, r Reading, begun time.Time) {
	limit := w.limit(row)
	n, known := r.Connections()
	if r != m.last {
		e := about(Connections, row)
		e.Reading, e.Limit = &r, limit
		if w.Deadline > 0 {
			e.Until = m.since.Add(w.Deadline)
		}
		w.emit(e)
		m.last, m.changed = r, begun
	}
	settle := m.since.Add(orDefault(w.Settle, 10*time.Second))
	poll := orDefault(w.Poll, 5*time.Second)
	switch {
	case known && n <= limit && !m.idleAt.IsZero() && begun.Sub(m.idleAt) >= secondRead && !begun.Before(settle):
		w.emitMachine(Idle, row)
		w.done(row, verdict{id: row.ID, idle: true})
		return
	case known && n <= limit:
		if m.idleAt.IsZero() {
			m.idleAt = begun
		}
		m.next = later(m.idleAt.Add(secondRead), settle)
	case known:
		m.idleAt = time.Time{}
		m.next = begun.Add(pause(poll, n-limit, begun.Sub(m.changed)))
	default:
		m.idleAt = time.Time{}
		m.next = begun.Add(poll)
	}
	w.expire(row, m, r, begun)
}

// pause is how long until a machine is looked at again: the poll time when few
// connections are left, up to a minute when there are many, or when their number
// has not changed for long.
func pause(poll time.Duration, left int, still time.Duration) time.Duration {
	return max(poll, min(time.Minute, max(poll*time.Duration(left/10), still/20)))
}

// expire does what is to be done at a machine's deadline.
func (w *watch) expire(row flyctl.Machine, m *watched, r Reading, now time.Time) {
	if w.Deadline <= 0 || m.since.IsZero() {
		return
	}
	end := m.since.Add(w.Deadline)
	if now.Before(end) {
		if m.next.After(end) {
			m.next = end
		}
		return
	}
	e := about(Deadline, row)
	e.Reading, e.Took = &r, now.Sub(m.since)
	w.emit(e)
	if w.AtDeadline == StopConnected {
		n, _ := r.Connections()
		w.done(row, verdict{id: row.ID, idle: true, cut: n})
		return
	}
	w.done(row, verdict{id: row.ID, err: fmt.Errorf("%w: machine %s of %s, %v after its cordon: %v", ErrNotIdle, row.ID, w.Name, w.Deadline, r)})
}

// limit is how many connections a machine may have and be idle.
func (w *watch) limit(m flyctl.Machine) int {
	if w.Limit != SoftLimit {
		return max(0, w.Limit)
	}
	n := 0
	for _, s := range m.Config.Services {
		n += s.Concurrency.SoftLimit
	}
	return n
}

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }
