// Package idle decides when a machine is idle, by its rows on the list and readings of
// its connections. It has no clock, and asks nobody. Unknown is an answer, and never
// zero. Once all proxies know of a cordon a count falls: it matters when it was taken.
package idle

import (
	"cmp"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

// Add begins the wait for a machine that is not waited for yet.
func (w *Watch) Add(id string, now time.Time) {
	w.Run = cmp.Or(w.Run, NewMemory())
	w.machines = append(w.machines, &machine{row: fleet.Unlisted(id), next: now, alone: true})
}

// Next returns when to look again: Never, if no machine is waited for.
func (w *Watch) Next() time.Time {
	next := Never
	for _, m := range w.machines {
		if next = earlier(next, m.next); !m.alone {
			next = earlier(next, w.round)
		}
	}
	return next
}

// List takes a list (none, or an empty one, is no answer) and returns whom to ask the
// probes about. Given returns when this run gave a machine its last cordon, or zero.
func (w *Watch) List(l fleet.List, given func(id string) time.Time, now time.Time) (ask fleet.List) {
	w.News, w.Told, w.asked, w.list, w.rows = nil, nil, nil, l, cmp.Or(len(l), w.rows)
	round := !now.Before(w.round)
	if round {
		w.pause = max(w.Pace(), min(slowest, 2*w.pause))
		w.round = now.Add(w.pause)
	}
	slices.SortStableFunc(w.machines, func(a, b *machine) int { return cmp.Compare(a.silent, b.silent) }) // the time may not suffice for all
	for _, m := range slices.Clone(w.machines) {
		m.late = nil
		row, near := l.Find(m.row.ID), func(o *fleet.Machine) bool { return m.row.Region == "" || o.Region == m.row.Region }
		switch {
		case len(l) == 0:
			m.idle, m.next, m.alone, w.round = time.Time{}, Never, false, now.Add(w.Pace())
		case row == nil && slices.ContainsFunc(l, near):
			w.contradict(m, Gone, absent, now)
		case row == nil:
			w.contradict(m, Gone, regionAbsent, now)
		case !w.byList(m, row, given(row.ID), now) && (round && !m.alone || !m.next.After(now)):
			w.asked, ask = append(w.asked, m), append(ask, row)
		}
	}
	if len(ask) == 0 {
		w.stopLate(now)
	}
	return ask
}

// byList reports whether a row alone says what becomes of its machine.
func (w *Watch) byList(m *machine, row *fleet.Machine, given, now time.Time) bool {
	m.row = row
	if row.Cordoned && !row.Thin {
		if m.cordoned, m.from = later(m.cordoned, given), later(m.from, given); !m.cordoned.After(m.opened) {
			m.cordoned, m.from = now, w.since(row, now)
		}
	}
	settled, atRest := m.cordoned.Add(w.Settle), row.Stopped() || row.NeverRan()
	switch {
	case row.Gone():
		w.tell(m, News{Verdict: Gone}, now)
	case row.Thin: // it says nothing of what the machine does
		if row.Cordoned && !row.Reachable() && m.cordoned.IsZero() && m.lost.IsZero() { // but a deadline counts
			m.lost, m.from = now, w.since(row, now)
		}
		w.take(m, probe.Unknown("its row on the list is incomplete, host "+cmp.Or(row.HostStatus, "ok")), now, now)
	case !row.Managed(), m.cordoned.IsZero() && given.IsZero():
		w.tell(m, News{Verdict: Refused}, now)
	case !row.Cordoned: // the list may be of the time before the cordon
		m.opened, w.Run.Seen[row.ID] = now, time.Time{}
		w.contradict(m, TakenBack, 0, now)
	case atRest && row.Autostarts() && now.Before(settled): // a proxy that does not know of the cordon may start it
		m.next, m.doubt = settled, ""
	case atRest, row.Worker() && !w.Workers:
		w.tell(m, News{Verdict: Idle}, now)
	default:
		m.doubt = ""
		if w.Command > 0 && !w.Run.Told[row.ID] && !now.Before(m.cordoned.Add(w.Spread)) {
			w.Run.Told[row.ID], w.Told = true, append(w.Told, row)
		}
		return false
	}
	return true
}

// contradict takes a list that contradicts those before: three in a row are
// believed, after a time. https://fly.io/infra-log/machines-api-duplicates/
func (w *Watch) contradict(m *machine, v Verdict, after time.Duration, now time.Time) {
	if m.doubt != v {
		m.doubt, m.lists, m.since = v, 0, now
	}
	m.idle, m.next, m.alone = time.Time{}, now.Add(w.ListEvery), true
	if m.lists++; m.lists >= 3 && now.Sub(m.since) >= after {
		w.tell(m, News{Verdict: v}, now)
	}
}

// Read takes the readings of the machines that List asked about. The probes were
// asked at begun, and had answered at ended.
func (w *Watch) Read(readings map[string]probe.Reading, begun, ended time.Time) {
	w.News, w.round = nil, w.round.Add(ended.Sub(begun)) // the pause is from one round's end
	for _, m := range w.asked {
		w.take(m, readings[m.row.ID], begun, ended)
	}
	w.stopLate(ended)
}

// take decides by a reading that was taken between begun and ended, or at its own
// time. It counts if the cordon was settled by then. Two that count must agree.
func (w *Watch) take(m *machine, r probe.Reading, begun, ended time.Time) {
	n := News{Row: m.row, Reading: r, Limit: w.limit(m.row), Until: w.until(m)}
	n.Changed, m.read, m.doubt = m.read != r.String(), r.String(), ""
	soonest, latest, wait := begun, ended, w.Confirm
	if at := r.Time(); !at.IsZero() { // its source counts at times of its own, by a clock that may be ahead of ours
		soonest, latest, wait = earlier(at, begun), at, max(r.Every(), w.Confirm)
	}
	count, known := r.Connections()
	if known {
		m.silent = 0
	} else if r != (probe.Reading{}) { // else there was no time to ask
		m.silent++
	}
	few, settled := known && count <= n.Limit, m.cordoned.Add(w.Settle)
	if m.next, m.alone = Never, few; few {
		m.next = later(ended.Add(wait), settled)
	}
	switch {
	case !few, soonest.Before(settled):
		m.idle = time.Time{}
	case m.idle.Before(settled):
		m.idle = latest
	case soonest.After(m.idle) && soonest.Sub(m.idle) >= w.Confirm: // it is another one
		n.Verdict = Idle
	}
	switch over := !ended.Before(n.Until); {
	case over && few: // it is idle, or the next reading says whether it is idle
	case over && w.Stop:
		m.late = &n
	case over:
		n.Verdict = Keep
	default:
		m.next = earlier(m.next, n.Until)
	}
	if known := m.cordoned.Add(w.Spread); w.Command > 0 && ended.Before(known) {
		m.next = earlier(m.next, known)
	}
	if n.Changed || n.Verdict != "" {
		w.tell(m, n, ended)
	}
}

// since returns when a machine was cordoned that this wait first sees so: never earlier
// than it was. A list dates only what this run has not seen uncordoned.
func (w *Watch) since(row *fleet.Machine, now time.Time) time.Time {
	w.Run.Date(row.ID, w.list.CordonedBy(row, w.Within, now), now)
	return w.Run.Seen[row.ID]
}

// until returns when a machine's time is up. A run that has not seen the cordon must
// have had the time to look, and to run the drain command.
func (w *Watch) until(m *machine) time.Time {
	seen := cmp.Or(m.cordoned, m.lost)
	if w.Deadline == 0 || seen.IsZero() {
		return Never
	}
	return later(later(m.from, w.From).Add(w.Deadline), seen.Add(min(w.Deadline, max(w.Settle, w.Spread)+w.Command)))
}

// limit returns with how many connections a machine is idle; a worker, with no work.
func (w *Watch) limit(row *fleet.Machine) int {
	switch {
	case row.Worker():
		return 0
	case w.SoftLimit:
		return row.SoftLimit()
	}
	return w.Limit
}
