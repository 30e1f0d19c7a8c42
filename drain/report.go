package drain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/internal/words"
	"github.com/flydrain/flydrain/drain/probe"
)

// Report says how a run ended. Print [Report.String]; branch on Result.
type Report struct {
	Release string      `json:"release,omitempty"` // its id; "" where none was begun
	Result  Result      `json:"result"`
	Why     string      `json:"why,omitempty"`  // why it is not done: the error on one line
	Next    []string    `json:"next,omitempty"` // the commands to run now; those that are another run as Release.Again writes them
	Apps    []AppReport `json:"apps"`           // empty where no app could be looked at

	takenBack   []string // machines that were to drain, and serve: somebody has uncordoned them, or they are needed
	unchanged   bool     // it failed before it did anything
	finished    bool     // it finished another run's release, and began nothing else
	onlyDrained bool     // so it does not say what serves
	mixed       bool     // more than one release serves in an app, so its old machines were left
	first       bool     // no machine was uncordoned when it began
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

	missing []string // blue machines that somebody has destroyed or cordoned since the release began
	strange []string // managed machines that have appeared since the release began, and that it does not know
	silent  []string // old machines, or surplus ones, that cannot be reached
	returns bool     // some of them are not known to be cordoned, so they serve when their host is back
}

// Result says in one word how a run ended.
type Result string

// How a run can end.
const (
	ResultDone     Result = "done"     // what was asked is done
	ResultFailed   Result = "failed"   // nothing was changed; or the old release, if there was one, serves as before, and nothing of the new one is left
	ResultUsage    Result = "usage"    // a setting is not valid, and nothing was begun
	ResultDraining Result = "draining" // the new release serves, and machines of the old one still drain
	ResultLeft     Result = "left"     // the old release, if there was one, serves, and machines of the new one are left
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
	text := r.ended() + r.cuts()
	switch {
	case len(r.Next) == 0:
		return text
	case len(r.Next) == 1, len(r.Next) == 2 && r.Result != ResultPerson:
		return text + "; next: " + strings.Join(r.Next, "; then: ")
	}
	verb := "run"
	if r.Result == ResultPerson {
		verb = "choose among"
	}
	return fmt.Sprintf("%s; next: %s the %d listed commands", text, verb, len(r.Next))
}

// ended says how the run ended.
func (r Report) ended() string {
	names, old, draining := strings.Join(r.gather(func(a AppReport) []string { return []string{a.App} }), ", "), r.old(), r.draining()
	switch {
	case r.Result == ResultUsage:
		return "wrong usage: nothing was begun"
	case names == "":
		return "failed: nothing was begun"
	case r.Result == ResultDone && old != "":
		return fmt.Sprintf("done: %s: the new release serves; as asked, %s", names, old)
	case r.Result == ResultDone:
		return "done: " + names
	case r.Result == ResultFailed && r.finished:
		return fmt.Sprintf("failed: %s: nothing new was begun; the release that was found unfinished serves now", names)
	case r.Result == ResultFailed && r.unchanged:
		return fmt.Sprintf("failed: %s: nothing was changed", names)
	case r.Result == ResultFailed && len(r.strange()) > 0:
		return fmt.Sprintf("failed: %s: %s; machines have appeared since this run began, and it is not known whose they are: look at %s", names, r.serves(), words.Few(r.strange()))
	case r.Result == ResultFailed:
		return fmt.Sprintf("failed: %s: %s, and nothing of the new one is left", names, r.serves())
	case r.Result == ResultDraining && r.onlyDrained:
		return fmt.Sprintf("draining: %s: %s", names, cmp.Or(old, "some machines are left"))
	case r.Result == ResultDraining:
		return fmt.Sprintf("draining: %s: the new release serves; %s", names, cmp.Or(old, "no old machine is left"))
	case r.Result != ResultLeft:
		return fmt.Sprintf("a person is needed: %s", names)
	}
	serving, green := r.gather(func(a AppReport) []string { return a.Serving }), r.gather(func(a AppReport) []string { return a.Green })
	beside := slices.DeleteFunc(serving, func(id string) bool { return !slices.Contains(green, id) }) // these serve, or may
	switch {
	case len(beside) > 0:
		return fmt.Sprintf("failed: %s: %s, and machines of the new one may serve too: %s", names, r.serves(), words.Few(beside))
	case len(r.unknown()) > 0 || len(draining) == 0:
		return fmt.Sprintf("failed: %s: %s; it is not known what is left of the new one", names, r.serves())
	}
	return fmt.Sprintf("failed: %s: %s; machines of the new one are left, cordoned: %s", names, r.serves(), words.Few(draining))
}

// serves says how the old release serves after a failure. Where machines of the new one
// are left, what does not serve may have been cordoned by this run.
func (r Report) serves() string {
	missing := r.gather(func(a AppReport) []string { return a.missing })
	switch {
	case r.first:
		return "no release served before"
	case r.Result == ResultLeft:
		return "the old release serves"
	case len(missing) == 0:
		return "the old release serves as before"
	case len(missing) == len(r.gather(func(a AppReport) []string { return a.Blue })):
		return fmt.Sprintf("the old release does not serve any more: all of its machines were destroyed or cordoned (%s)", words.Few(missing))
	}
	return fmt.Sprintf("the old release serves, without machines that somebody has destroyed or cordoned (%s)", words.Few(missing))
}

// old says what is left of the old release, "" if nothing.
func (r Report) old() string {
	var texts []string
	if ids := r.draining(); len(ids) > 0 {
		texts = append(texts, "old machines still drain: "+words.Few(ids))
	}
	if apps := r.unknown(); len(apps) > 0 {
		texts = append(texts, "the old machines of "+strings.Join(apps, ", ")+" could not be listed")
	}
	if ids := r.silent(); len(ids) > 0 {
		texts = append(texts, "old machines that cannot be reached are left: "+words.Few(ids))
	}
	if len(r.takenBack) > 0 {
		texts = append(texts, "machines that were to drain serve, and are left alone: "+words.Few(r.takenBack))
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
		text = fmt.Sprintf("; the deadline cut %v", probe.Known(n))
	}
	if ids := r.gather(func(a AppReport) []string { return a.CutUnknown }); len(ids) > 0 {
		text += "; stopped at the deadline with an unknown number of connections: " + words.Few(ids)
	}
	return text
}

func (r Report) silent() []string { return r.gather(func(a AppReport) []string { return a.silent }) }

func (r Report) strange() []string { return r.gather(func(a AppReport) []string { return a.strange }) }

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
