// Deploy releases a Fly app, or several together, and repairs, continues or undoes
// earlier releases. It is for everybody who needs no script of their own. Build it
// once, also for CI: "go run" hides the exit code, and some signals.
//
//	go build -o deploy ./examples/deploy && ./deploy my-app
//
// With -drain it finishes drains. That is for whoever runs this program anyway; a job
// that does nothing else can run examples/reap, which cannot release anything.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() { os.Exit(run(os.Args[1:])) }

// modes are what it does instead of a release.
var modes = []struct {
	op    string // also the flag
	do    func(drain.Release, context.Context) (drain.Report, error)
	usage string
}{
	{"drain", drain.Release.Drain, "destroy old machines as soon as their connections have ended"},
	{"resume", drain.Release.Resume, "repair what an interrupted run left, then drain"},
	{"rollback", drain.Release.Rollback, "go back to the newest release that served before, still drains and is whole"},
}

func run(args []string) int {
	var release drain.Release
	var show view.Auto
	fs := flag.NewFlagSet(os.Args[0], flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	checkFlag(fs, &release)
	apply := release.Flags(fs)
	repeat(fs, &release)
	show.Flags(fs)
	for _, m := range modes {
		fs.Bool(m.op, false, m.usage)
	}
	plan := fs.Bool("plan", false, "print the commands that would run (with -json as JSON), and change nothing")
	status := fs.Bool("status", false, "print what serves, what drains and what another run would do (with -json as JSON)")
	version := fs.Bool("version", false, "print the version")

	err := parse(fs, args, apply)
	op, do, chosen := "deploy", drain.Release.Deploy, 0
	for _, m := range modes {
		if fs.Lookup(m.op).Value.String() == "true" {
			op, do, chosen = m.op, m.do, chosen+1
		}
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(usage)
		view.Help(os.Stdout, fs)
		fmt.Print(exitCodes)
		return 0
	case *version:
		fmt.Fprintln(flyctl.Printer(os.Stdout), versionOf("deploy"))
		return 0
	case err == nil && chosen > 1:
		err = errors.New("give only one of -drain, -resume and -rollback")
	}
	switch {
	case err != nil:
		fmt.Fprintf(flyctl.Printer(os.Stderr), "deploy: %v\ndeploy -h lists the flags\n", err)
		return 2
	case *status:
		found, err := release.Status(context.Background())
		return write(found, found.String(), err, show.JSON != nil)
	case *plan:
		planned, err := release.Plan(context.Background(), op)
		return write(planned, planned.Script(), err, show.JSON != nil)
	}
	return show.Run(release, do)
}

func write(value any, text string, err error, asJSON bool) int {
	out := flyctl.Printer(os.Stdout)
	if err == nil && asJSON {
		err = json.NewEncoder(out).Encode(value)
	} else if err == nil {
		_, err = fmt.Fprint(out, text)
	}
	if err != nil {
		fmt.Fprintln(flyctl.Printer(os.Stderr), "deploy:", err)
		return 1
	}
	return 0
}
