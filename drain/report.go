package drain

import (
	"fmt"
	"slices"
	"strings"

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
	code := slices.Index([]Result{ResultDone, ResultFailed, ResultUsage, ResultDraining, ResultLeft}, r.Result)
	if code < 0 {
		return 5
	}
	return code
}

// String returns, in one line, how the run ended and what to do next.
func (r Report) String() string {
	names, unknown := strings.Join(r.names(), ", "), strings.Join(r.unknown(), ", ")
	draining := strings.Join(r.draining(), " ")
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
	case r.Result != ResultLeft:
		return fmt.Sprintf("a person is needed: %s", names)
	}
	beside := r.gather(func(a AppReport) []string { // the green machines that serve, or may
		return slices.DeleteFunc(slices.Clone(a.Serving), func(id string) bool { return !slices.Contains(a.Green, id) })
	})
	switch {
	case len(beside) > 0:
		return fmt.Sprintf("failed: %s: both releases may be serving; green machines still in traffic: %s: run again now", names, strings.Join(beside, " "))
	case unknown != "":
		return fmt.Sprintf("failed: %s: the old release serves; the state of the new machines of %s is unknown: run again now", names, unknown)
	}
	return fmt.Sprintf("failed: %s: the old release serves; machines of the new one are left, cordoned: %s: the next run removes them", names, draining)
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
	if ids := r.gather(func(a AppReport) []string { return a.CutUnknown }); len(ids) > 0 {
		text += "; connections cut at the deadline (count unknown): " + strings.Join(ids, " ")
	}
	return text
}

func (r Report) names() []string {
	return r.gather(func(a AppReport) []string { return []string{a.App} })
}

func (r Report) draining() []string {
	return r.gather(func(a AppReport) []string { return a.Draining })
}

// unknown are the apps whose machines could not be listed at the end.
func (r Report) unknown() []string {
	return r.gather(func(a AppReport) []string {
		if a.Known {
			return nil
		}
		return []string{a.App}
	})
}

// gather joins what is picked of all apps.
func (r Report) gather(of func(AppReport) []string) (all []string) {
	for _, a := range r.Apps {
		all = append(all, of(a)...)
	}
	return all
}
