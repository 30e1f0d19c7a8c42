package view

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

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
// any more (SIGPIPE), the run continues. A panic of the operation is shown with the
// command that repairs what it left, and the exit code is 5. A panic of another goroutine
// cannot be caught.
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

// errInterrupted is the cause of a context that ended by a signal.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that ends at the first interrupt. At the second one
// it calls last and ends the program. Until stop, a write that nobody reads does not
// end the program.
func interruptible(last func()) (ctx context.Context, stop func()) {
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(context.Background())
	over := make(chan struct{})
	go func() {
		select {
		case <-interrupts:
			cancel(errInterrupted)
		case <-over:
			return
		}
		select {
		case s := <-interrupts:
			endBy(s, last)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(interrupts)
		close(over)
		signal.Stop(unread)
	}
}

// endBy calls last, waits for a second at most, and ends the program by the signal. From
// now on another signal ends it at once.
func endBy(s os.Signal, last func()) {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	said := make(chan struct{})
	go func() { last(); close(said) }()
	select {
	case <-said:
	case <-time.After(time.Second): // nobody reads what it says
	}
	if p, err := os.FindProcess(os.Getpid()); err != nil || p.Signal(s) != nil {
		os.Exit(1) // there are no signals on Windows
	}
}

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
	return r.Again(drain.OperationResume)
}
