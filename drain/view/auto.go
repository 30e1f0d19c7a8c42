package view

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// Auto shows a run in the way that fits the place where the program runs: a picture
// on a terminal, log lines elsewhere. Its zero value is ready to use.
//
// The picture is redrawn in place. It has the phases, and a bar for each machine that
// drains: how many connections are left, how fast they end, when the machine may be
// idle, and why a count is unknown. Warnings are log lines above it. Until the run has
// ended, nothing else should write to the terminal. Where $CI is set, or the terminal
// is a dumb one, there are log lines as [Log] writes them.
type Auto struct {
	// JSON, if not nil, gets each event as a line of [JSON]. Then nothing else is
	// shown but the outcome.
	JSON io.Writer

	// Summary is a file to which a [Summary] is appended. If it is "", that is the
	// page of the job in GitHub Actions ($GITHUB_STEP_SUMMARY), if there is one.
	Summary string

	// Verbose also logs each change of a machine's connections. On a terminal it also
	// logs each line that a build, a release command or a deploy prints: else the last
	// one is in the picture, and 40 are logged with a failure.
	Verbose bool
}

// Flags adds -json, -summary and -v to a flag set.
func (a *Auto) Flags(fs *flag.FlagSet) {
	fs.BoolFunc("json", "write events to standard output as JSON lines, and show nothing else", func(text string) error {
		on, err := strconv.ParseBool(text)
		if a.JSON = nil; on {
			a.JSON = os.Stdout
		}
		return err
	})
	fs.StringVar(&a.Summary, "summary", "", "append a Markdown summary to `FILE` (default $GITHUB_STEP_SUMMARY)")
	fs.BoolVar(&a.Verbose, "v", false, "also log each change of a count and, on a terminal, what builds and deploys print")
}

// Run does what the function [Run] does, and shows it with these settings.
func (a Auto) Run(r drain.Release, operation func(drain.Release, context.Context) (drain.Report, error)) (exitCode int) {
	events, clear, end := a.start(os.Stderr)
	ctx, stop := interruptible(func() { clear(); sayLeft(os.Stderr, r) })
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			clear()
			exitCode = end(crashed(os.Stderr, r, p))
		}
	}()
	if r.Events != nil {
		events = All(r.Events, events)
	}
	r.Events = events
	return end(operation(r, ctx))
}

// Start begins to show a run on f, for a program that has its own context and exit
// code. Set a release's Events to events, and call end when the run has ended: it
// writes the summary and the outcome, and returns the exit code (see [Outcome]).
func (a Auto) Start(f *os.File) (events func(drain.Event), end func(drain.Report, error) (exitCode int)) {
	events, _, end = a.start(f)
	return events, end
}

// start also returns a function that only ends the picture.
func (a Auto) start(f *os.File) (events func(drain.Event), clear func(), end func(drain.Report, error) (exitCode int)) {
	path := a.Summary
	if path == "" {
		path = os.Getenv("GITHUB_STEP_SUMMARY")
	}
	var summary Summary
	show, stop := JSON(a.JSON), func() {}
	if a.JSON == nil {
		show, stop = live(f, a.Verbose)
	}
	return All(show, summary.Event), stop, func(report drain.Report, err error) int {
		stop()
		if path != "" {
			var page strings.Builder
			_ = summary.Write(&page, report, err) // a Builder takes everything
			if err := appendTo(path, page.String()); err != nil {
				fmt.Fprintf(flyctl.Printer(f), "warning: the summary was not written: %v\n", err)
			}
		}
		return Outcome(f, report, err)
	}
}

// All returns a listener that sends each event to all of them, in their order.
func All(listeners ...func(drain.Event)) func(drain.Event) {
	return func(e drain.Event) {
		for _, listen := range listeners {
			listen(e)
		}
	}
}
