package drain

import (
	"slices"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/safe"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// finishReport fills in the report from the last lists and the error.
func (j *run) finishReport(err error) {
	r := &j.report
	if err != nil {
		r.Why = safe.Line(err)
	}
	r.Apps = []AppReport{}
	if j.part == nil && err != nil && !j.listed() {
		return // nothing is known, and nothing was begun
	}
	for _, a := range j.apps {
		r.Apps = append(r.Apps, j.appReport(a))
	}
	for _, e := range allErrors(err) {
		for _, command := range e.Next {
			if !slices.Contains(r.Next, command) {
				r.Next = append(r.Next, command)
			}
		}
		if e.Kind == errTakenBack && !slices.Contains(r.takenBack, e.Machine) {
			r.takenBack = append(r.takenBack, e.Machine)
		}
	}
	left := len(r.draining()) + len(r.takenBack) + len(r.silent())
	returns := slices.ContainsFunc(r.Apps, func(a AppReport) bool { return a.returns })
	if err != nil {
		left += len(r.unknown())
	}
	r.unchanged, r.onlyDrained = j.lists == nil, j.goal.Aim == facts.DrainOnly
	r.first = len(j.part) > 0 && !slices.ContainsFunc(j.goal.Apps, func(a facts.App) bool { return a.Before == nil || len(a.Before.Blue) > 0 })
	serves := r.Result == ResultDone || r.Result == ResultDraining
	switch {
	case r.Result == ResultLeft, serves && (returns && j.goal.Aim == facts.Forward || len(r.takenBack) > 0 || r.mixed): // only Resume cordons
		r.Next = append(r.Next, j.again(opResume))
	case r.Result == ResultDraining && j.goal.Rollback && j.goal.Aim == facts.Back: // -drain would destroy what it was to go back to
		r.Next = append(r.Next, j.again(opRollback))
	case left > 0 && serves:
		r.Next = append(r.Next, j.again(opDrain))
	}
}

// appReport returns the report of one app by the list that it ended by, or the last one
// that lacks nothing.
func (j *run) appReport(a *app) AppReport {
	last, i := a.lists.Latest(), slices.Index(j.part, a)
	known := i >= 0 && j.facts.Apps != nil
	if known && !j.facts.Apps[i].Doubt {
		last = j.lists[i]
	}
	r := AppReport{App: a.Name, Image: a.image, Known: last != nil && !j.lost, Serving: last.Managed().Where((*fleet.Machine).Serving).IDs(),
		Draining: []string{}, Destroyed: append([]string{}, a.destroyed...), Cut: a.cut, CutUnknown: a.cutUnknown}
	if !known {
		return r
	}
	v := standing.One(j.goal, j.facts, i, last)
	kept := v.Kept()
	if j.goal.Aim != facts.DrainOnly {
		if r.Green = kept.IDs(); len(kept) == 0 {
			r.Green = v.Promoted
		}
		r.Blue = v.Blue.Uncordoned().IDs()
		if before := v.Before; before.Known() {
			r.Blue = before.Blue
			r.missing = slices.DeleteFunc(slices.Clone(r.Blue), func(id string) bool {
				m := last.Find(id)
				return !r.Known || m != nil && !m.Gone() && (m.Thin || !m.Cordoned)
			})
		}
	}
	r.strange = v.Strange.IDs()
	left := slices.Concat(v.Old(), v.Surplus())
	switch {
	case j.report.Result == ResultLeft || j.report.Result == ResultFailed:
		left = v.Green
	case j.goal.Rollback && j.goal.Aim == facts.Back:
		left = slices.Concat(left, kept)
	}
	r.Draining = append(r.Draining, left.Cordoned().IDs()...)
	r.silent = left.Thin().IDs()
	r.returns = slices.ContainsFunc(r.silent, func(id string) bool { return v.Seen[id].Cordoned.IsZero() })
	var soon []string // these may serve, or will
	switch {
	case j.report.Result == ResultLeft:
		soon = v.Open()
	case !r.Known:
		soon = left.Uncordoned().IDs()
	}
	r.Serving = append(r.Serving, slices.DeleteFunc(soon, func(id string) bool { return slices.Contains(r.Serving, id) })...)
	return r
}
