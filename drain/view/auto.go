package view

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/flydrain/flydrain/drain"
)

// Auto shows a run in the way that fits where the program runs: [Live] on a
// terminal, log lines elsewhere. Its zero value is ready to use:
//
//	events, end := view.Auto{}.Start(os.Stderr)
//	release.Events = events
//	report, err := release.Deploy(ctx)
//	os.Exit(end(report, err))
type Auto struct {
	// JSON, where set, gets each event as a line of [JSON], and nothing else. Then
	// only the outcome is shown.
	JSON io.Writer

	// Summary is a file to which a Markdown summary is appended. Where it is "", that
	// is the page of the job in GitHub Actions ($GITHUB_STEP_SUMMARY), if there is one.
	Summary string

	// Verbose adds a line for each change of the connections that are left.
	Verbose bool
}

// Flags adds -json, -summary and -v to a flag set.
func (a *Auto) Flags(fs *flag.FlagSet) {
	fs.BoolFunc("json", "write events to stdout as JSON lines, and nothing else", func(string) error { a.JSON = os.Stdout; return nil })
	fs.StringVar(&a.Summary, "summary", "", "append a Markdown summary to `FILE` (default $GITHUB_STEP_SUMMARY)")
	fs.BoolVar(&a.Verbose, "v", false, "log every change of the connections that are left, too")
}

// Start gives what a Release's Events is to be set to, and what ends it: that
// writes the summary, says on f how the run ended, and gives the exit code (see
// [Outcome]).
func (a Auto) Start(f *os.File) (events func(drain.Event), end func(drain.Report, error) (exitCode int)) {
	path := a.Summary
	if path == "" {
		path = os.Getenv("GITHUB_STEP_SUMMARY")
	}
	var summary Summary
	show, stop := JSON(a.JSON), func() {}
	if a.JSON == nil {
		show, stop = progress(f, a.Verbose)
	}
	return All(show, summary.Event), func(report drain.Report, err error) int {
		stop()
		if path != "" {
			if err := summary.Append(path, report, err); err != nil {
				fmt.Fprintf(f, "warning: the summary was not written: %v\n", err)
			}
		}
		return Outcome(f, report, err)
	}
}

// All sends events to several views.
func All(views ...func(drain.Event)) func(drain.Event) {
	return func(e drain.Event) {
		for _, view := range views {
			view(e)
		}
	}
}
