// Deploy releases one Fly app, or several as one, and repairs, continues or undoes
// earlier releases. It is for everybody who needs no script of their own: build it
// once, for CI too.
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

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

const usage = `usage: deploy -app NAME[=DIR] [-app …] [flags] [-- flyctl build and deploy flags]

Exit codes: 0 what was asked is done; 1 failed, the old release serves as before; 2 usage;
3 the new release serves, machines of the old still drain; 4 failed, machines of the new
one are left for the next run; 5 a person is needed.

`

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var release drain.Release
	var show view.Auto
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	fs.Usage = func() { fmt.Fprint(os.Stderr, usage); fs.PrintDefaults() }
	apply := release.Flags(fs)
	show.Flags(fs)
	plan := fs.Bool("plan", false, "print what a release, or the operation beside it, would do, as flyctl commands (with -json, as JSON), and change nothing")
	resume := fs.Bool("resume", false, "repair what a run that died left, and drain, instead of a release")
	finish := fs.Bool("drain", false, "finish the drains of earlier releases, instead of a release")
	rollback := fs.Bool("rollback", false, "go back to the release that still drains, instead of a release")
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	modes, op, do := 0, drain.OperationDeploy, drain.Release.Deploy
	for _, mode := range []struct {
		on bool
		op drain.Operation
		do func(drain.Release, context.Context) (drain.Report, error)
	}{{*resume, drain.OperationResume, drain.Release.Resume}, {*finish, drain.OperationDrain, drain.Release.Drain},
		{*rollback, drain.OperationRollback, drain.Release.Rollback}} {
		if mode.on {
			modes, op, do = modes+1, mode.op, mode.do
		}
	}
	err := apply(fs.Args())
	if modes > 1 {
		err = errors.New("-resume, -drain and -rollback exclude each other")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "deploy: %v\n\n", err)
		fs.Usage()
		return 2
	}
	if *plan {
		return printPlan(release, op, show.JSON != nil)
	}
	return show.Run(release, do)
}

func printPlan(release drain.Release, op drain.Operation, asJSON bool) int {
	plan, err := release.Plan(context.Background(), op)
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
