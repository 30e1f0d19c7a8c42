package rollout

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Observe folds new lists, one of each app in the goal's order, into the facts.
// They were begun at listed, and are there now.
func Observe(g Goal, f Facts, lists []fleet.List, listed, now time.Time) Facts {
	f = f.clone()
	first := f.Apps == nil
	if first {
		f.Apps = make([]AppFacts, len(g.Apps))
		f.Apps = f.clone().Apps
		f.Routing = now
	}
	f.Listed = listed
	f.Still++
	for i := range lists {
		a := &f.Apps[i]
		a.doubt(g.Apps[i], lists[i], now)
		for _, m := range lists[i].Managed() {
			f.see(g, i, lists[i], m, listed, now)
		}
	}
	f.settle(g, lists)
	vs := views(g, lists, f, now)
	for i, v := range vs {
		if first {
			f.Apps[i].Floor = v.firstFloor()
		}
		if first && g.Promoted {
			f.Apps[i].Kept = v.firstKept().IDs()
		}
	}
	vs = views(g, lists, f, now)
	for i, v := range vs {
		f.Apps[i].Wrong = spells(f.Apps[i].Wrong, v.wrong(), now)
	}
	vs = views(g, lists, f, now)
	for i, v := range vs {
		f.Apps[i].progress(v)
	}
	f.stand(g, vs, now)
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
		e.Cordoned = time.Time{}
	case e.Cordoned.IsZero():
		e.Cordoned = now
		if by := l.CordonedBy(m, g.Apps[i].Within); fresh && !by.IsZero() {
			e.Cordoned = earliest(now, by)
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
	if now.Sub(e.Last) > gap && !e.shut(spread) {
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
	case !e.shut(spread):
		e.InTime = false // a proxy that did not know of the cordon may have sent it a connection
	}
}

// stand notes how far the release has come by these lists.
func (f *Facts) stand(g Goal, vs []view, now time.Time) {
	if g.Aim == Forward && g.Promoted && f.Over.IsZero() && !flying(*f, fleet.Cordon, fleet.Uncordon) &&
		every(vs, func(v view) bool {
			return !v.Doubt && len(v.toCordon()) == 0 && !v.passing(silent) && v.holds(v.kept())
		}) {
		f.Over = now
	}
	since(&f.Doubted, now, some(vs, func(v view) bool { return v.Doubt }))
	since(&f.Ready, now, every(vs, func(v view) bool { return !v.Doubt && v.whole() && (g.Rollback || v.held()) }))
	since(&f.Restored, now, g.Aim == Back && every(vs, func(v view) bool { return len(v.toRestore()) == 0 }))
	since(&f.Shut, now, !f.Restored.IsZero() && len(each(vs, view.toWithdraw)) == 0)
	var good bool
	switch {
	case g.Aim == Back:
		good = every(vs, func(v view) bool { return v.backHolds(v.Blue) })
	case !g.Promoted:
		good = !f.Ready.IsZero() && every(vs, func(v view) bool { return v.well() && !v.changing() })
	default:
		bound := trouble(vs, &Decision{}) // and blue is not enough
		good = every(vs, func(v view) bool {
			return !v.Doubt && v.holds(v.kept()) && (bound || v.whole() && v.well() && !v.changing())
		})
	}
	f.Good++
	if !good {
		f.Good = 0
	}
}
