package view

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// sayLeft says what to do after a run that was ended at once.
func sayLeft(w io.Writer, r drain.Release) {
	fmt.Fprintln(w, flyctl.Printable("ended at once, and what was under way is not finished; to finish or undo it: "+resume(r)))
}

// crashed writes the stack of a run that panicked, and returns its report and error.
func crashed(w io.Writer, r drain.Release, panicked any) (drain.Report, error) {
	for line := range strings.Lines(string(debug.Stack())) {
		fmt.Fprintln(w, "  "+flyctl.Printable(line))
	}
	report := drain.Report{Result: drain.ResultPerson, Next: []string{resume(r)}}
	for _, a := range r.Apps {
		report.Apps = append(report.Apps, drain.AppReport{App: a.Name})
	}
	return report, fmt.Errorf("this is a bug in the program: %v", panicked)
}

// resume returns the command that repairs what is left of a run.
func resume(r drain.Release) string {
	if r.Again == nil {
		r.Again = func(op string) string {
			command := "deploy"
			for _, a := range r.Apps {
				command += " -app " + a.Name
			}
			return command + " -" + op
		}
	}
	return r.Again("resume")
}
