package view

import (
	"context"
	"errors"
	"flag"
	"os"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// Deploy deploys a release, shows it, and returns the program's exit code (see
// [drain.Report.ExitCode]). With it, a whole deploy script is one line:
//
//	func main() { os.Exit(view.Deploy(drain.New("my-app"))) }
//
// A script that is given arguments, and has not parsed them by package flag, releases
// nothing: -plan or -h must not do what they are there to avoid. The exit code is 2 then.
//
// See [Run] for what it does around the release, and [Auto] for what it shows.
func Deploy(r drain.Release) (exitCode int) {
	if len(os.Args) > 1 && !flag.Parsed() {
		printError(os.Stderr, errors.New("this script takes no arguments; nothing was run"))
		return 2
	}
	return Run(r, drain.Release.Deploy)
}

// Run runs one operation of a release as the whole of a program: shows it on standard
// error, ends it in order when the program is interrupted, and returns the exit code.
//
//	os.Exit(view.Run(r, drain.Release.Resume))
//
// The operation can also be a function that does several. If the release has Events,
// it gets them too. At SIGINT or SIGTERM the operation's context ends; at a second one
// the program does, and says how to repair what it leaves. If nobody reads the output
// any more (SIGPIPE), the run continues. A panic of the operation, or of the release's
// Events, is shown with the command that repairs what it left, and the exit code is 5. A
// Check that panics has failed. A panic of a goroutine of yours cannot be caught.
func Run(r drain.Release, operation func(drain.Release, context.Context) (drain.Report, error)) (exitCode int) {
	return Auto{}.Run(r, operation)
}

// Steps is [Run] for a pipe of steps: it calls do with the release's steps, and
// returns 0, or 1 if do returns an error, or 2 if the error is one of usage. It shows
// log lines and no picture, so do can print too.
func Steps(r drain.Release, do func(context.Context, *drain.Steps) error) (exitCode int) {
	ctx, stop := interruptible(func() { sayLeft(os.Stderr, r) })
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			report, err := crashed(os.Stderr, r, p)
			exitCode = Outcome(os.Stderr, report, err)
		}
	}()
	show := Log(log.NewWithOptions(os.Stderr, logOptions))
	if r.Events != nil {
		show = All(r.Events, show)
	}
	r.Events = show
	err := do(ctx, r.Steps(ctx))
	printError(os.Stderr, err)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flyctl.ErrUsage):
		return 2
	}
	return 1
}
