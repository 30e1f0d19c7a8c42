package drain

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

// read asks the probes about machines, and judges the answers.
func (w *watch) read(ctx context.Context, due fleet.List) {
	// Where the time does not go round, those that did not answer are not asked
	// before the others again.
	slices.SortStableFunc(due, func(a, b *fleet.Machine) int {
		return cmp.Compare(w.machines[a.ID].silent, w.machines[b.ID].silent)
	})
	begun := time.Now()
	readings := w.ask(ctx, due)
	if ctx.Err() != nil {
		return // what a probe says when it is cut short is not an answer
	}
	ended := time.Now()
	for _, row := range due {
		m := w.machines[row.ID]
		r := readings[row.ID]
		if _, known := r.Connections(); known {
			m.silent = 0
		} else if r != (probe.Reading{}) { // it was asked
			m.silent++
		}
		w.judge(row, m, r, begun, ended)
	}
}

// ask asks each machine's probe, in the time in which the next poll would come.
func (w *watch) ask(ctx context.Context, due fleet.List) map[string]probe.Reading {
	_, most := w.pace()
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return w.count(ctx, due)
}

// count asks the WorkerProbe about the workers, and the Probe about the others.
func (a *app) count(ctx context.Context, due fleet.List) map[string]probe.Reading {
	var g errgroup.Group
	var ofWorkers, readings map[string]probe.Reading
	if workers := due.Where(worker); len(workers) > 0 {
		g.Go(func() error { ofWorkers = a.WorkerProbe.Count(ctx, a.fly, workers.Rows()); return nil })
	}
	if served := due.Where(func(m *fleet.Machine) bool { return !worker(m) }); len(served) > 0 {
		g.Go(func() error { readings = a.Probe.Count(ctx, a.fly, served.Rows()); return nil })
	}
	_ = g.Wait()
	all := maps.Clone(readings)
	if all == nil {
		all = map[string]probe.Reading{}
	}
	maps.Copy(all, ofWorkers)
	return all
}

// judge decides by a reading that was taken between begun and ended, or at its
// own time, whether a machine is idle, and when to look again.
func (w *watch) judge(row *fleet.Machine, m *watched, r probe.Reading, begun, ended time.Time) {
	limit := w.limit(row)
	n, known := r.Connections()
	w.tellReading(row, m, r, limit, ended)

	confirm, settle := w.Confirm, m.settled(w.app)
	soonest, latest, next := begun, ended, ended.Add(confirm)
	if at := r.Time(); !at.IsZero() { // only a new count confirms; the clock of its source may be ahead of ours
		soonest, latest, next = earlier(at, begun), at, ended.Add(max(r.Every(), confirm))
	}
	switch {
	case !known || n > limit:
		m.idleAt = time.Time{}
		m.next, m.prompt = ended.Add(w.pause(n-limit, ended.Sub(m.changed))), false
	case m.idleAt.IsZero():
		m.idleAt = latest
		m.next, m.prompt = later(next, settle), true
	case soonest.Sub(m.idleAt) >= confirm && soonest.After(m.idleAt) && !soonest.Before(settle):
		w.emitMachine(EventIdle, row)
		w.done(row, verdict{id: row.ID, idle: true})
		return
	default:
		m.next, m.prompt = next, true
	}
	w.expire(row, m, r, ended)
}

// tellReading sends an event when a reading is not what it was.
func (w *watch) tellReading(row *fleet.Machine, m *watched, r probe.Reading, limit int, now time.Time) {
	if !m.changed.IsZero() && r.String() == m.last.String() {
		return
	}
	e := about(EventConnections, row)
	e.Reading, e.Limit = &r, limit
	if w.Deadline > 0 && !m.since.IsZero() {
		e.Until = m.since.Add(w.Deadline)
	}
	w.emit(e)
	m.last, m.changed = r, now
}

// pause is how long until a machine is looked at again: the poll time when few
// connections are left; longer when there are many, or when their number has not
// changed for long.
func (w *watch) pause(left int, still time.Duration) time.Duration {
	least, most := w.pace()
	return max(least, min(most, max(w.Poll*time.Duration(left/10), still/20)))
}

// pace is how far apart two looks at a machine are at least, and at most: the poll
// time and a minute, while there are few machines. Each look takes a list, whose
// rows cost time and traffic, and with most probes one flyctl process a machine;
// so in a poll time no more than 20 machines are looked at on average, and no more
// than 100 listed.
func (w *watch) pace() (least, most time.Duration) {
	least = max(w.Poll, w.Poll*time.Duration(len(w.machines))/20, w.Poll*time.Duration(w.rows)/100)
	return least, max(least, mostPause)
}

// expire does what is to be done at a machine's deadline.
func (w *watch) expire(row *fleet.Machine, m *watched, r probe.Reading, now time.Time) {
	if w.Deadline <= 0 || m.since.IsZero() {
		return
	}
	end := m.since.Add(w.Deadline)
	if w.AtDeadline == KeepMachine && !m.idleAt.IsZero() && !now.Before(end) {
		return // the next reading reports whether it is idle
	}
	if now.Before(end) {
		if m.next.After(end) {
			m.next, m.prompt = end, true
		}
		return
	}
	n, known := r.Connections()
	e := about(EventDeadline, row)
	e.Reading, e.Took = &r, now.Sub(m.since)
	if w.AtDeadline == StopMachine {
		if e.Why = fmt.Sprintf("stopping it; this cuts %v", r); !known {
			e.Why = fmt.Sprintf("stopping it; the number of connections cut is unknown (%s)", r.Why())
		}
		w.emit(e)
		w.done(row, verdict{id: row.ID, idle: true, cut: n, uncounted: !known})
		return
	}
	w.emit(e)
	w.done(row, verdict{id: row.ID, err: newError(ErrNotIdle, "machine %s of %s, %v after its cordon: %v", row.ID, w.Name, w.Deadline, r).about(w.Name, row.ID)})
}

// limit is how many connections a machine may have and be idle. The work of
// workers is not connections.
func (w *watch) limit(m *fleet.Machine) int {
	if worker(m) {
		return 0
	}
	if !w.SoftLimit {
		return w.Limit
	}
	limits := make([]int, len(m.Config.Services))
	for i, s := range m.Config.Services {
		if s.Concurrency.Type != "requests" {
			limits[i] = max(0, s.Concurrency.SoftLimit)
		}
	}
	return slices.Min(limits)
}
