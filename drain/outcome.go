package drain

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// conclude notes how a run ended, and returns the error with its phase.
func (j *run) conclude(d rollout.Decision, err error) error {
	if err == nil {
		err = j.outcome(d)
	}
	if phase := cmp.Or(j.failedIn, j.told.phase); err != nil && phase != "" {
		err = fmt.Errorf("%s: %w", phase, err)
	}
	j.report.Result = map[rollout.Result]Result{rollout.Reached: ResultDone, rollout.Draining: ResultDraining, rollout.Left: ResultLeft,
		rollout.Person: ResultPerson, rollout.Undone: ResultFailed, rollout.None: ResultFailed}[d.Done]
	if j.goal.Rollback && (d.Done == rollout.Undone || d.Done == rollout.Left) && !j.beside() {
		j.report.Result = ResultDraining // the newest release serves, and the one before drains
	}
	if errors.Is(err, errPerson) {
		j.report.Result = ResultPerson
	}
	return err
}

// unbegun returns how a run ends that failed: as given, or as undone where no list was
// ever read, because then nothing was begun.
func (j *run) unbegun(as rollout.Result) rollout.Decision {
	if !j.listed() {
		as = rollout.Undone
	}
	return rollout.Decision{Done: as}
}

// listed reports whether an app could ever be listed.
func (j *run) listed() bool {
	return slices.ContainsFunc(j.apps, func(a *app) bool { return a.lists.Latest() != nil })
}

// beside reports whether a green machine is uncordoned, or may be.
func (j *run) beside() bool {
	for i := range j.lists {
		kept, surplus := rollout.Green(j.goal, j.facts, i, j.lists[i])
		if len(kept.Uncordoned())+len(surplus.Uncordoned()) > 0 {
			return true
		}
	}
	return false
}

// outcome returns the error of a decision that ends a run without what was asked.
func (j *run) outcome(d rollout.Decision) error {
	var errs []error
	switch {
	case d.Done == rollout.Reached:
		return nil
	case d.Done == rollout.Person:
		errs = append(errs, person(d.Why, j.personCommands(d)))
	case j.goal.Aim == facts.Back && j.goal.Cause != nil:
		errs = append(errs, failure(rollout.Decision{Why: j.goal.Why, Cause: j.goal.Cause}))
	}
	for i, a := range j.part {
		f := j.facts.Apps[i]
		for _, id := range slices.Sorted(maps.Keys(f.GivenUp)) {
			errs = append(errs, f.GivenUp[id])
		}
		if j.goal.Aim == facts.Back {
			for _, id := range rollout.Unseen(j.goal, j.facts, i, j.lists[i]) {
				errs = append(errs, a.fault(id, ErrChanged, "the list says nothing of machine %s, which is, or may be, of the new release: look at it", id).mend(machineCommand("status", a.Name, id)))
			}
		}
		for w := range f.Wrong {
			if w.Kind == standing.Retaken {
				errs = append(errs, a.takenBack(w.Machine))
			}
		}
	}
	if len(errs) == 0 {
		errs = append(errs, failure(d))
	}
	return errors.Join(errs...)
}

// personCommands are the commands for a person who has to decide about a goal.
func (j *run) personCommands(d rollout.Decision) (all []string) {
	for i, a := range j.part {
		l := j.lists[i].Managed()
		kept, surplus := rollout.Green(j.goal, j.facts, i, l)
		if open := append(kept, surplus...).Uncordoned(); d.Row == rollout.RowUndone && len(open) > 0 {
			all = append(all, machineCommand("cordon", a.Name, strings.Join(open.IDs(), " ")))
			l = nil
		}
		all = append(all, uncordonCommands(a.Name, l.Cordoned())...)
	}
	if len(all) == 0 && j.goal.Aim == facts.Back {
		all = append(all, j.again(OperationResume))
	}
	if len(all) == 0 {
		for _, a := range j.part {
			all = append(all, "fly machine list -a "+a.Name)
		}
	}
	return all
}

// uncordonCommands are the commands for a person who has to decide which release of
// some machines serves, one for each.
func uncordonCommands(app string, l fleet.List) (all []string) {
	for _, mark := range append(l.Marks(), fleet.Mark{}) {
		if ids := l.Where(func(m *fleet.Machine) bool { return m.Mark.ID == mark.ID }).IDs(); len(ids) > 0 {
			all = append(all, machineCommand("uncordon", app, strings.Join(ids, " "))+"  # release "+cmp.Or(mark.ID, "not by flydrain"))
		}
	}
	return all
}

// finishReport fills in the report from the last lists and the error.
func (j *run) finishReport(err error) {
	r := &j.report
	if err != nil {
		r.Why = oneLine(err)
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
	r.unchanged = j.lists == nil
	switch {
	case r.Result == ResultLeft, r.Result == ResultDraining && returns && j.goal.Aim == facts.Forward: // only Resume cordons
		r.Next = append(r.Next, j.again(OperationResume))
	case r.Result == ResultDraining && j.goal.Rollback && j.goal.Aim == facts.Back: // -drain would destroy what it was to go back to
		r.Next = append(r.Next, j.again(OperationRollback))
	case left > 0 && (r.Result == ResultDone || r.Result == ResultDraining):
		r.Next = append(r.Next, j.again(OperationDrain))
	}
}

// appReport returns the report of one app by its last list.
func (j *run) appReport(a *app) AppReport {
	last := a.lists.Latest()
	r := AppReport{App: a.Name, Image: a.image, Known: last != nil && !j.lost, Serving: last.Managed().Where((*fleet.Machine).Serving).IDs(),
		Draining: []string{}, Destroyed: append([]string{}, a.destroyed...), Cut: a.cut, CutUnknown: a.cutUnknown}
	i := slices.Index(j.part, a)
	if i < 0 || j.facts.Apps == nil {
		return r
	}
	kept, surplus := rollout.Green(j.goal, j.facts, i, last)
	old := rollout.Old(j.goal, j.facts, i, last)
	if j.goal.Aim != facts.DrainOnly {
		if r.Green = kept.IDs(); len(kept) == 0 {
			r.Green = j.facts.Apps[i].Promoted
		}
		r.Blue = old.Uncordoned().IDs()
		if before := j.goal.Apps[i].Before; before.Known() {
			r.Blue = before.Blue
			r.missing = slices.DeleteFunc(slices.Clone(r.Blue), func(id string) bool {
				m := last.Find(id)
				return !r.Known || m != nil && !m.Gone() && (m.Thin || !m.Cordoned)
			})
		}
	}
	r.strange = rollout.Strange(j.goal, j.facts, i, last).IDs()
	left := slices.Concat(old, surplus)
	switch {
	case j.report.Result == ResultLeft || j.report.Result == ResultFailed:
		left = slices.Concat(kept, surplus)
	case j.goal.Rollback && j.goal.Aim == facts.Back:
		left = slices.Concat(left, kept)
	}
	r.Draining = append(r.Draining, left.Cordoned().IDs()...)
	r.silent = left.Thin().IDs()
	r.returns = slices.ContainsFunc(r.silent, func(id string) bool { return j.facts.Apps[i].Seen[id].Cordoned.IsZero() })
	var soon []string // these may serve, or will
	switch {
	case j.report.Result == ResultLeft:
		soon = rollout.Open(j.goal, j.facts, i, last)
	case !r.Known:
		soon = left.Uncordoned().IDs()
	}
	for _, id := range soon {
		if !slices.Contains(r.Serving, id) {
			r.Serving = append(r.Serving, id)
		}
	}
	return r
}

// allErrors returns every Error that err holds.
func allErrors(err error) []*Error {
	var out []*Error
	switch e := err.(type) {
	case *Error:
		out = append([]*Error{e}, allErrors(e.cause)...)
	case interface{ Unwrap() error }:
		out = allErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			out = append(out, allErrors(one)...)
		}
	}
	return out
}
