package facts

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// See folds new lists, one of each app in the goal's order, into the facts. They were
// begun at listed, and are there now.
func See(g Goal, f Facts, lists []fleet.List, listed, now time.Time) Facts {
	f = f.clone()
	if f.Apps == nil {
		f.Apps = make([]AppFacts, len(g.Apps))
		f.Apps = f.clone().Apps
		f.Routing = now
	}
	f.Listed = listed
	f.Still++
	for i := range lists {
		f.Apps[i].doubt(g.Apps[i], lists[i], now)
		for _, m := range lists[i].Managed() {
			f.see(g, i, lists[i], m, listed, now)
		}
	}
	f.settle(g, lists)
	return f
}

// doubt notes which machines the list lacks, and whether it can be believed. Fly
// has answered with lists that were empty, or short of whole regions. What such a
// list does not show is not created again, and nothing is undone for it. What was
// cordoned and is not of this release is not missed: whoever drains it destroys it.
// https://fly.io/infra-log/machines-api-duplicates/
func (a *AppFacts) doubt(app App, l fleet.List, now time.Time) {
	a.Doubt = false
	missed := map[string]bool{}
	for id, e := range a.Seen {
		if e.Row != nil && (e.Row.Mark.ID == app.ID || slices.Contains(a.Made, id) || slices.Contains(app.Older, id) || !e.Row.Cordoned) {
			missed[id] = true
		}
	}
	if app.Before != nil {
		for _, id := range app.Before.Blue {
			missed[id] = true
		}
	}
	for id := range missed {
		e := a.Seen[id]
		m := l.Find(id)
		switch {
		case m != nil && !m.Gone():
			e.Missing, e.Gone = time.Time{}, false
		case m != nil, e.Destroyed, e.Gone:
			e.Gone = true // until a list shows it again
		default:
			if e.Missing.IsZero() {
				e.Missing = now
			}
			lag := fleet.ListLag
			if region := e.region(); !slices.ContainsFunc(l, func(m *fleet.Machine) bool { return m.Region == region }) {
				lag = regionLag
			}
			if len(l) == 0 || now.Sub(e.Missing) < lag {
				a.Doubt = true
			} else {
				e.Gone = true
			}
		}
		a.Seen[id] = e
	}
}

// see notes what a row shows of a managed machine.
func (f *Facts) see(g Goal, i int, l fleet.List, m *fleet.Machine, listed, now time.Time) {
	a := &f.Apps[i]
	e := a.Seen[m.ID]
	fresh := e.First.IsZero()
	if fresh {
		e.First = listed
	}
	if fresh || m.Cordoned != e.Row.Cordoned {
		f.Routing, f.Still = now, 0
	}
	switch {
	case !m.Cordoned:
		e.Reopened = e.Reopened || !e.Cordoned.IsZero() && e.Last.Sub(e.Cordoned) >= fleet.ListLag
		e.Cordoned = time.Time{}
	case e.Cordoned.IsZero():
		e.Cordoned, e.Reopened = now, false
		if by := l.CordonedBy(m, g.Apps[i].Within, now); fresh && !by.IsZero() {
			e.Cordoned = by
		}
	}
	e.Taken = e.Given && (e.Taken || m.Cordoned)
	uncordoned := f.Tries[fleet.Command{App: g.Apps[i].Name, Verb: fleet.Uncordon, Machine: m.ID}].Wins > 0
	if uncordoned && !m.Thin && !m.Cordoned {
		e.Restored = true
		if g.Aim == Back {
			f.Routing = now // no list may have shown it cordoned
		}
	}
	e.run(m, now)
	if fresh && m.Mark.ID == g.Apps[i].ID {
		a.Making.Progress = listed
	}
	e.noteHold(m, listed, now, g.Spread)
	e.Row, e.Last = m, now
	a.Seen[m.ID] = e
}

func (e Evidence) region() string {
	if e.Row == nil {
		return ""
	}
	return e.Row.Region
}

// run notes since when lists have shown a machine running, without a new start.
func (e *Evidence) run(m *fleet.Machine, now time.Time) {
	var start int64
	for _, event := range m.Events {
		if event.Type == "start" {
			start = max(start, event.Timestamp)
		}
	}
	if start != e.Start && e.Start != 0 {
		e.Starts++
	}
	if !m.Started() {
		e.Up = time.Time{}
	} else if e.Up.IsZero() || start != e.Start {
		e.Up = now // it may have run since this list only
	}
	e.Start = start
}

// noteHold notes what a row shows of the time between green's creation and its
// hold: green that never could have served can be destroyed at once.
func (e *Evidence) noteHold(m *fleet.Machine, listed, now time.Time, spread time.Duration) {
	if now.Sub(e.Last) > Gap && !e.Shut(spread) {
		e.InTime = false // what it was between two lists is not known
	}
	up := m.Thin || m.Started()
	if m.Started() && m.Worker() { // a hold means nothing to a worker
		e.MayServe, e.InTime = true, false
	}
	if !m.Cordoned {
		e.MayServe = e.MayServe || up
		e.InTime = false // where it was held, somebody has uncordoned it
		return
	}
	if e.Held.IsZero() {
		e.Held = now // the cordon may be later than the list's begin
		e.InTime = !e.MayServe && !up
	}
	switch {
	case !m.MayTake():
		e.Unfit = listed
	case !e.Shut(spread):
		e.InTime = false // a proxy that did not know of the cordon may have sent it a connection
	}
}

// Shut reports whether a list has shown the machine unfit for traffic when all
// proxies knew that it was held.
func (e Evidence) Shut(spread time.Duration) bool { return e.Unfit.Sub(e.Held) >= spread }
