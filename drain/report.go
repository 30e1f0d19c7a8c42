package drain

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/probe"
)

// Report says how a run ended. Print [Report.String]; branch on Result.
type Report struct {
	Release string      `json:"release,omitempty"` // its id; "" where none was begun
	Result  Result      `json:"result"`
	Why     string      `json:"why,omitempty"`  // why it is not done: the error on one line
	Next    []string    `json:"next,omitempty"` // the commands to run now; another run is written as examples/deploy takes it
	Apps    []AppReport `json:"apps"`           // empty where no app could be looked at

	takenBack []string // machines that drained, and that somebody has uncordoned
}

// AppReport says how a run left one app.
type AppReport struct {
	App        string   `json:"app"`
	Image      string   `json:"image,omitempty"`
	Blue       []string `json:"blue,omitempty"`        // the machines that were uncordoned when the release began
	Green      []string `json:"green,omitempty"`       // the machines that it created; of a rollback, those that it went back to
	Serving    []string `json:"serving"`               // by the last list, workers not counted; where Result is left or Known is false, also those of the new release that may
	Draining   []string `json:"draining"`              // cordoned and still there: of the old release or, after a failure, of the new one
	Destroyed  []string `json:"destroyed"`             // by this run
	Cut        int      `json:"cut"`                   // connections ended by a deadline (see StopMachine)
	CutUnknown []string `json:"cut_unknown,omitempty"` // machines stopped by a deadline, with an unknown number of connections
	Known      bool     `json:"known"`                 // false: no list could be read at the end
}

// Result says in one word how a run ended.
type Result string

// How a run can end.
const (
	ResultDone     Result = "done"     // what was asked is done
	ResultFailed   Result = "failed"   // the old release serves as before, and nothing of the new one is left
	ResultUsage    Result = "usage"    // a setting is not valid, and nothing was begun
	ResultDraining Result = "draining" // the new release serves, and machines of the old one still drain
	ResultLeft     Result = "left"     // the old release serves, and machines of the new one are left
	ResultPerson   Result = "person"   // a person is needed, and Why says for what
)

// ExitCode returns the result as a program's exit code: 0 done, 1 failed, 2 wrong
// usage, 3 draining, 4 failed with machines left, 5 a person is needed.
func (r Report) ExitCode() int {
	switch r.Result {
	case ResultDone:
		return 0
	case ResultFailed:
		return 1
	case ResultUsage:
		return 2
	case ResultDraining:
		return 3
	case ResultLeft:
		return 4
	}
	return 5
}

// String returns, in one line, how the run ended and what to do next.
func (r Report) String() string {
	names := strings.Join(r.names(), ", ")
	draining := strings.Join(r.machines(func(a AppReport) []string { return a.Draining }), " ")
	unknown := strings.Join(r.unknown(), ", ")
	switch {
	case r.Result == ResultUsage:
		return "wrong usage: nothing was begun"
	case names == "":
		return "failed: nothing was begun"
	case r.Result == ResultDone && draining != "":
		return fmt.Sprintf("done: %s: the new release serves; still draining, as asked: %s", names, draining)
	case r.Result == ResultDone && unknown != "":
		return fmt.Sprintf("done: %s: the new release serves; could not list the machines of %s that still drain, as asked", names, unknown)
	case r.Result == ResultDone:
		return fmt.Sprintf("done: %s%s", names, r.cuts())
	case r.Result == ResultFailed:
		return fmt.Sprintf("failed: %s: the old release serves as before, and nothing of the new one is left", names)
	case r.Result == ResultDraining:
		return fmt.Sprintf("draining: %s: the new release serves; %s%s", names, r.old(draining, unknown), r.cuts())
	case r.Result == ResultLeft:
		if beside := strings.Join(r.machines(AppReport.beside), " "); beside != "" {
			return fmt.Sprintf("failed: %s: both releases may be serving; green machines still in traffic: %s: run again now", names, beside)
		}
		if unknown != "" {
			return fmt.Sprintf("failed: %s: the old release serves; the state of the new machines of %s is unknown: run again now", names, unknown)
		}
		return fmt.Sprintf("failed: %s: the old release serves; machines of the new one are left, cordoned: %s: the next run removes them", names, draining)
	}
	return fmt.Sprintf("a person is needed: %s", names)
}

// old says what is left of the old release.
func (r Report) old(draining, unknown string) string {
	var texts []string
	if draining != "" {
		texts = append(texts, "old machines still draining: "+draining)
	}
	if unknown != "" {
		texts = append(texts, "could not list the remaining old machines of "+unknown)
	}
	if texts != nil {
		texts = []string{strings.Join(texts, "; ") + ": run again to continue the drain"}
	}
	if len(r.takenBack) > 0 {
		texts = append(texts, "old machines that somebody uncordoned are left alone: "+strings.Join(r.takenBack, " ")+": cordon them and run again, or deploy again")
	}
	if texts == nil {
		return "no old machine is left"
	}
	return strings.Join(texts, "; ")
}

// cuts says what was cut at a deadline, or nothing.
func (r Report) cuts() string {
	n, text := 0, ""
	for _, a := range r.Apps {
		n += a.Cut
	}
	if n > 0 {
		text = fmt.Sprintf("; cut at the deadline: %v", probe.Known(n))
	}
	if ids := r.machines(func(a AppReport) []string { return a.CutUnknown }); len(ids) > 0 {
		text += "; connections cut at the deadline (count unknown): " + strings.Join(ids, " ")
	}
	return text
}

// beside are the green machines that serve, or may.
func (a AppReport) beside() []string {
	return slices.DeleteFunc(slices.Clone(a.Serving), func(id string) bool { return !slices.Contains(a.Green, id) })
}

func (r Report) names() []string {
	var names []string
	for _, a := range r.Apps {
		names = append(names, a.App)
	}
	return names
}

// machines gathers machines of all apps.
func (r Report) machines(of func(AppReport) []string) []string {
	var ids []string
	for _, a := range r.Apps {
		ids = append(ids, of(a)...)
	}
	return ids
}

// unknown are the apps whose machines could not be listed at the end.
func (r Report) unknown() []string {
	var names []string
	for _, a := range r.Apps {
		if !a.Known {
			names = append(names, a.App)
		}
	}
	return names
}

// conclude notes how a run ended, and returns why it is not done.
func (j *run) conclude(d rollout.Decision, err error) error {
	if err == nil {
		err = j.outcome(d)
	}
	if phase := cmp.Or(j.failedIn, j.told.current); err != nil && phase != "" {
		err = fmt.Errorf("%s: %w", phase, err)
	}
	result := d.Done
	if j.goal.Rollback && (result == rollout.Undone || result == rollout.Left) && len(j.beside()) == 0 {
		result = rollout.Draining // the newest release serves, and the one before drains
	}
	j.report.Result = map[rollout.Result]Result{rollout.Reached: ResultDone, rollout.Draining: ResultDraining, rollout.Left: ResultLeft,
		rollout.Person: ResultPerson, rollout.Undone: ResultFailed, rollout.None: ResultFailed}[result]
	if errors.Is(err, errPerson) {
		j.report.Result = ResultPerson
	}
	return err
}

// outcome is why a decision that ends a run is not what was asked.
func (j *run) outcome(d rollout.Decision) error {
	var errs []error
	switch {
	case d.Done == rollout.Reached:
		return nil
	case d.Done == rollout.Person:
		e := person("%s", d.Why)
		for i, a := range j.part {
			e.Next = append(e.Next, uncordonCommands(a.Name, j.lists[i].Managed().Cordoned())...)
		}
		if len(e.Next) == 0 {
			for _, a := range j.part {
				e.Next = append(e.Next, "fly machine list -a "+a.Name)
			}
		}
		errs = append(errs, e)
	case j.goal.Aim == rollout.Back && j.goal.Cause != nil:
		errs = append(errs, failure(rollout.Decision{Why: j.goal.Why, Cause: j.goal.Cause}))
	}
	for i, a := range j.part {
		f := j.facts.Apps[i]
		for _, id := range slices.Sorted(maps.Keys(f.GivenUp)) {
			errs = append(errs, f.GivenUp[id])
		}
		if j.goal.Aim == rollout.Back {
			for _, id := range rollout.Unlisted(j.goal, j.facts, i, j.lists[i]) {
				errs = append(errs, newError(ErrChanged, "green machine %s is not listed: look for it", id).about(a.Name, id).mend(machineCommand("status", a.Name, id)))
			}
		}
		for w := range f.Wrong {
			if w.Kind == rollout.Retaken {
				errs = append(errs, newError(ErrTakenBack, "machine %s is left alone", w.Machine).about(a.Name, w.Machine).mend(machineCommand("cordon", a.Name, w.Machine)))
			}
		}
	}
	if len(errs) == 0 {
		errs = append(errs, failure(d))
	}
	return errors.Join(errs...)
}

// beside returns the machines that were to serve and are uncordoned, as far as is known.
func (j *run) beside() []string {
	var ids []string
	for i := range j.lists {
		kept, surplus := rollout.Green(j.goal, j.facts, i, j.lists[i])
		ids = append(append(ids, kept.Uncordoned().IDs()...), surplus.Uncordoned().IDs()...)
	}
	return ids
}

// finishReport fills in what the last lists, and the error, say of the end.
func (j *run) finishReport(err error) {
	if j.part == nil && err != nil && !slices.ContainsFunc(j.apps, func(a *app) bool { return a.lists.latest() != nil }) {
		j.report.Apps = []AppReport{} // nothing is known, and nothing was begun
		j.report.Why = oneLine(err)
		return
	}
	for i, a := range j.apps {
		j.finishApp(&j.report.Apps[i], a)
	}
	if err == nil && len(j.report.machines(func(a AppReport) []string { return a.Draining })) == 0 {
		return
	}
	if err != nil {
		j.report.Why = oneLine(err)
	}
	for _, e := range allErrors(err) {
		for _, command := range e.Next {
			if !slices.Contains(j.report.Next, command) {
				j.report.Next = append(j.report.Next, command)
			}
		}
		if e.Kind == ErrTakenBack {
			j.report.takenBack = append(j.report.takenBack, e.Machine)
		}
	}
	switch j.report.Result {
	case ResultDone, ResultDraining:
		if j.report.anyLeft() {
			j.report.Next = append(j.report.Next, j.report.another("-drain"))
		}
	case ResultLeft:
		j.report.Next = append(j.report.Next, j.report.another("-resume"))
	}
}

// finishApp fills in what the last list says of one app.
func (j *run) finishApp(r *AppReport, a *app) {
	last := a.lists.latest()
	r.Known = last != nil && !j.lost
	r.Image = cmp.Or(a.image, r.Image)
	r.Serving = append([]string{}, last.Managed().Where((*fleet.Machine).Serving).IDs()...)
	r.Draining, r.Destroyed, r.Cut, r.CutUnknown = []string{}, append([]string{}, a.destroyed...), a.cut, a.cutUnknown
	i := slices.Index(j.part, a)
	if i < 0 || j.facts.Apps == nil {
		return
	}
	kept, surplus := rollout.Green(j.goal, j.facts, i, last)
	goal := j.goal.Apps[i]
	if j.goal.Aim != rollout.DrainOnly {
		r.Green = kept.IDs()
		if len(r.Green) == 0 {
			r.Green = j.facts.Apps[i].Kept
		}
		r.Blue = rollout.Old(j.goal, j.facts, i, last).Uncordoned().IDs()
		if goal.Before != nil {
			r.Blue = goal.Before.Blue
		}
	}
	left := append(rollout.Old(j.goal, j.facts, i, last), surplus...)
	switch {
	case j.report.Result == ResultLeft || j.report.Result == ResultFailed:
		left = append(kept, surplus...)
	case j.goal.Rollback && j.goal.Aim == rollout.Back:
		left = append(left, kept...)
	}
	r.Draining = append(r.Draining, left.Cordoned().IDs()...)
	for _, id := range left.Uncordoned().IDs() {
		if (!r.Known || j.report.Result == ResultLeft) && !slices.Contains(r.Serving, id) {
			r.Serving = append(r.Serving, id) // it may be soon
		}
	}
}

// anyLeft reports whether another run would find old machines, as far as is known.
func (r Report) anyLeft() bool {
	return len(r.machines(func(a AppReport) []string { return a.Draining }))+len(r.unknown())+len(r.takenBack) > 0
}

// another is the command of another run over the same apps.
func (r Report) another(operation string) string {
	return "deploy -app " + strings.Join(r.names(), " -app ") + " " + operation
}
