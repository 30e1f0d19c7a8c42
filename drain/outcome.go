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
	j.report.Result, j.report.mixed = cmp.Or(Result(d.Done), ResultFailed), d.Row == rollout.RowMixed
	if j.goal.Rollback && (d.Done == rollout.Undone || d.Done == rollout.Left) && !j.beside() {
		j.report.Result = ResultDraining // the newest release serves, and the one before drains
	}
	if errors.Is(err, errPerson) {
		j.report.Result = ResultPerson
	}
	return err
}

// listed reports whether an app could ever be listed.
func (j *run) listed() bool {
	return slices.ContainsFunc(j.apps, func(a *app) bool { return a.lists.Latest() != nil })
}

// beside reports whether the last lists show a green machine uncordoned.
func (j *run) beside() (is bool) {
	for i := range j.lists {
		is = is || len(j.view(i).Green.Uncordoned()) > 0
	}
	return is
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
	case d.Cause != nil:
		errs = append(errs, failure(d))
	}
	for i, a := range j.part {
		f := j.facts.Apps[i]
		left := map[string]error{} // one of each machine
		maps.Copy(left, f.GivenUp)
		for w := range f.Wrong {
			if w.Kind == standing.Retaken {
				left[w.Machine] = a.takenBack(w.Machine)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(left)) {
			if d.Cause == nil || !errors.Is(left[id], errTakenBack) { // the cause says more
				errs = append(errs, left[id])
			}
		}
		if j.goal.Aim == facts.Back {
			for _, id := range j.view(i).MayBeLeft() {
				errs = append(errs, a.fault(id, ErrChanged, "the list says nothing of machine %s, which is, or may be, of the new release: look at it", id).mend(machineCommand("status", a.Name, id)))
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
		if open := j.view(i).Green.Uncordoned(); d.Row == rollout.RowUndone && len(open) > 0 {
			all = append(all, machineCommand("cordon", a.Name, strings.Join(open.IDs(), " ")))
			l = nil
		}
		all = append(all, uncordonCommands(a.Name, l.Cordoned())...)
	}
	if len(all) == 0 && j.goal.Aim == facts.Back {
		all = append(all, j.again(opResume))
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
