package drain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/probe"
)

// Result says in one word how a release ended.
type Result string

// How a release can end.
const (
	Done     Result = "done"     // what was asked is done
	Failed   Result = "failed"   // the old release serves as before, and nothing of the new one is left
	Draining Result = "draining" // the new release serves, machines of the old still drain
	Left     Result = "left"     // the old release serves, and machines of the new one are left, held or draining
	Person   Result = "person"   // a person is needed, and the error says for what
)

// ExitCode is the result as a program's exit code: 0 done, 1 failed,
// 3 draining, 4 left, 5 person. (2 is for wrong usage.)
func (r Result) ExitCode() int {
	switch r {
	case Done:
		return 0
	case Failed:
		return 1
	case Draining:
		return 3
	case Left:
		return 4
	}
	return 5
}

// Report is what a release did.
type Report struct {
	Release string // its id; "" where none was begun
	Result  Result
	Apps    []AppReport
	Phases  []PhaseReport // in the order in which they began
	Both    time.Duration // how long both blue and green took traffic in the cutover

	takenBack bool // somebody has taken a machine that drained into traffic again
}

// PhaseReport is how long a phase took.
type PhaseReport struct {
	Phase Phase
	Took  time.Duration
}

// AppReport is what a release did to one app.
type AppReport struct {
	App   string
	Image string
	Blue  []string // the machines that served before
	Green []string // the machines that were made
	Gone  []string // the machines that were destroyed
	Left  []string // the machines that are out of traffic, and still there
	Open  []string // after a failure: green machines that take traffic beside blue, or may
	Blind bool     // no list could be had in the end: what is left, and may take traffic, is unknown
	Cut   int      // connections that a deadline cut (see StopConnected)

	// CutUnknown are machines that a deadline stopped, and of which it was not
	// known how many connections they had. Cut does not count these.
	CutUnknown []string
}

// needPerson marks an error that no other run can put right.
type needPerson struct{ error }

func (e needPerson) Unwrap() error { return e.error }

// person makes an error for what only a person can decide.
func person(format string, args ...any) error { return needPerson{fmt.Errorf(format, args...)} }

// conclude fills in how a release ended.
func (r *Report) conclude(result Result, err error) {
	r.Result = result
	if errors.As(err, new(needPerson)) {
		r.Result = Person
	}
}

func (a AppReport) remains() []string { return append(slices.Clone(a.Left), a.Open...) }
func (a AppReport) open() []string    { return a.Open }

// left gathers machines of all apps.
func (r *Report) left(of func(AppReport) []string) []string {
	var ids []string
	for _, a := range r.Apps {
		ids = append(ids, of(a)...)
	}
	return ids
}

// blind gives the apps of which it is not known what is left.
func (r *Report) blind() string {
	var names []string
	for _, a := range r.Apps {
		if a.Blind {
			names = append(names, a.App)
		}
	}
	return strings.Join(names, ", ")
}

// still says which machines of the old release still drain.
func (r *Report) still(left string) string {
	var texts []string
	if left != "" {
		texts = append(texts, "of the old one there are still: "+left)
	}
	if blind := r.blind(); blind != "" {
		texts = append(texts, "what is left of the old one of "+blind+" could not be found out")
	}
	if texts != nil {
		texts = []string{strings.Join(texts, "; ") + ": run again to go on with the drain"}
	}
	if r.takenBack {
		texts = append(texts, "what somebody has taken back into traffic of the old one is left alone: cordon it and run again, or deploy again")
	}
	if texts == nil {
		return "nothing of the old one is left"
	}
	return strings.Join(texts, "; ")
}

// cuts says what was cut at a deadline, "" if nothing.
func (r *Report) cuts() string {
	n, text := 0, ""
	for _, a := range r.Apps {
		n += a.Cut
	}
	if n > 0 {
		text = fmt.Sprintf("; cut at the deadline: %v", probe.Known(n))
	}
	if dark := r.left(func(a AppReport) []string { return a.CutUnknown }); len(dark) > 0 {
		text += "; how many connections were cut at the deadline is unknown of " + strings.Join(dark, " ")
	}
	return text
}

// Summary says in one line how it ended, and what to do next.
func (r Report) Summary() string {
	var apps []string
	for _, a := range r.Apps {
		apps = append(apps, a.App)
	}
	names, left := strings.Join(apps, ", "), strings.Join(r.left(AppReport.remains), " ")
	if names == "" {
		return "failed: nothing was begun"
	}
	switch r.Result {
	case Done:
		if left != "" {
			return fmt.Sprintf("done: %s: green serves; still draining, as asked: %s", names, left)
		}
		if r.blind() != "" {
			return fmt.Sprintf("done: %s: green serves; what still drains, as asked, could not be found out", names)
		}
		return fmt.Sprintf("done: %s%s", names, r.cuts())
	case Failed:
		return fmt.Sprintf("failed: %s: the old release serves as before, and nothing of the new one is left", names)
	case Draining:
		return fmt.Sprintf("draining: %s: the new release serves; %s%s", names, r.still(left), r.cuts())
	case Left:
		if open := strings.Join(r.left(AppReport.open), " "); open != "" {
			return fmt.Sprintf("failed: %s: both releases take traffic; these machines of the one that was to serve are open, or may be: %s: run again, now", names, open)
		}
		if r.blind() != "" {
			return fmt.Sprintf("failed: %s: the old release serves; which machines of the new one are there, and take traffic too, could not be found out: run again, now", names)
		}
		return fmt.Sprintf("failed: %s: the old release serves; of the new one there are still, out of traffic: %s: the next run removes them", names, left)
	}
	return fmt.Sprintf("a person is needed: %s", names)
}
