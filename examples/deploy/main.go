// Deploy releases one Fly app, or several as one, from blue to green, and goes
// on with, undoes, or puts right earlier releases. Build it for CI:
//
//	go build -o deploy ./examples/deploy && ./deploy -app my-app
//
// "go run" hides the exit code, and some signals.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

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
	signal.Ignore(syscall.SIGPIPE) // who reads our output may go; the release must not
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	var release drain.Release
	var show view.Auto
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(os.Stderr, usage); fs.PrintDefaults() }
	apply := release.Flags(fs)
	show.Flags(fs)
	plan := fs.Bool("plan", false, "say what a release would do, as flyctl commands (or, with -json, as JSON), and change nothing")
	resume := fs.Bool("resume", false, "put right what a run that died left, and drain, instead of a release")
	goOn := fs.Bool("drain", false, "go on with the drains of earlier releases, instead of a release")
	rollback := fs.Bool("rollback", false, "go back to the release that still drains, instead of a release")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	modes, do := 0, release.Deploy
	for _, mode := range []struct {
		on bool
		do func(context.Context) (drain.Report, error)
	}{{*resume, release.Resume}, {*goOn, release.Drain}, {*rollback, release.Rollback}, {*plan, nil}} {
		if mode.on {
			modes, do = modes+1, mode.do
		}
	}
	err := apply(fs.Args())
	if modes > 1 {
		err = errors.New("-plan, -resume, -drain and -rollback exclude each other")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "deploy: %v\n\n", err)
		fs.Usage()
		return 2
	}
	if *plan {
		return printPlan(ctx, &release, show.JSON != nil)
	}
	events, end := show.Start(os.Stderr)
	release.Events = events
	return end(do(ctx))
}

func printPlan(ctx context.Context, release *drain.Release, asJSON bool) int {
	plan, err := release.Plan(ctx)
	if err == nil && asJSON {
		err = json.NewEncoder(os.Stdout).Encode(plan)
	} else if err == nil {
		_, err = fmt.Print(plan.Script())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		return 1
	}
	return 0
}
