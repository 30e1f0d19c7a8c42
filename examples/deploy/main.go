// Deploy releases one Fly app, or several as one, from blue to green, and goes
// on with, undoes, or puts right earlier releases. Build it for CI:
//
//	go build -o deploy ./examples/deploy && ./deploy -app my-app
//
// "go run" hides the exit code, and some signals.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

const usage = `usage: deploy -app NAME[=DIR] [-app …] [flags] [-- flyctl build and deploy flags]

Exit codes: 0 what was asked is done; 1 failed, the old release serves as before; 2 usage;
3 the new release serves, machines of the old still drain; 4 failed, machines of the new
one are left for the next run; 5 a person is needed.

`

func main() {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "deploy: this is a bug: %v\na person is needed: run deploy -resume\n", p)
			os.Exit(5)
		}
	}()
	// A second signal ends the program at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	release := &drain.Release{}
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() { fmt.Fprint(stderr, usage); fs.PrintDefaults() }
	apply := release.Flags(fs)
	resume := fs.Bool("resume", false, "put right what a run that died left, and drain, instead of a release")
	goOn := fs.Bool("drain", false, "go on with the drains of earlier releases, instead of a release")
	rollback := fs.Bool("rollback", false, "go back to the release that still drains, instead of a release")
	verbose := fs.Bool("v", false, "log every change of the connections that are left, too")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	do, modes := release.Deploy, 0
	for _, mode := range []struct {
		on bool
		do func(context.Context) (drain.Report, error)
	}{{*resume, release.Resume}, {*goOn, release.Drain}, {*rollback, release.Rollback}} {
		if mode.on {
			do, modes = mode.do, modes+1
		}
	}
	err := apply(fs.Args())
	if modes > 1 {
		err = errors.New("-resume, -drain and -rollback exclude each other")
	}
	if err != nil {
		fmt.Fprintf(stderr, "deploy: %v\n\n", err)
		fs.Usage()
		return 2
	}
	logger := log.NewWithOptions(stderr, log.Options{ReportTimestamp: true})
	if *verbose {
		logger.SetLevel(log.DebugLevel)
	}
	release.Events = view.Log(logger)
	report, err := do(ctx)
	return view.Outcome(stderr, report, err)
}
