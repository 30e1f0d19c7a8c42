// Reap finishes the drains that earlier releases left, because they ended after their
// cutover (-background), at a deadline, or by an interrupt. It is for a scheduled job,
// say every quarter of an hour. It takes any number of apps and ends after a time. It
// creates, cordons and uncordons nothing, so it can run beside a release. A deadline
// holds over its runs, however short they are: the machine list shows by when a machine
// was cordoned.
//
//	go build -o reap ./examples/reap && ./reap -for 14m -deadline 12h my-app my-other-app
//
// A person who has examples/deploy needs no reap: deploy -drain does the same, until
// the last connection has ended.
//
// Exit codes: 0 nothing drains any more; 1 failed; 2 wrong usage; 3 some machines still
// drain; 5 a person is needed, and the last lines say for what.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	var r drain.Release
	stay := flag.Duration("for", 0, "end after `D` (default: when all have drained)")
	flag.DurationVar(&r.Deadline, "deadline", 0, "stop a machine `D` after its cordon, which cuts its connections (default: as long as it takes)")
	flag.StringVar(&r.OnDrain, "on-drain", "", "run `CMD` once in each machine in each run, so that the app asks its clients to reconnect")
	flag.StringVar(&r.Container, "on-drain-container", "", "run -on-drain in the container `NAME` of machines that have several (default: Fly chooses one)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: reap [flags] APP…")
		view.Help(os.Stderr, flag.CommandLine)
	}
	flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr))
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	r.Apps, r.AtDeadline = drain.New(flag.Args()...).Apps, drain.StopMachine
	r.Again = func(string) string { return commandLine(os.Args) }
	os.Exit(view.Run(r, func(r drain.Release, ctx context.Context) (drain.Report, error) {
		if *stay > 0 {
			timed, cancel := context.WithTimeoutCause(ctx, *stay, errors.New("the time to run is over"))
			defer cancel()
			ctx = timed
		}
		return r.Drain(ctx)
	}))
}

// commandLine writes a program and its arguments as a shell takes them.
func commandLine(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i], _ = syntax.Quote(arg, syntax.LangBash) // fails for NUL, which no argument has
	}
	return strings.Join(words, " ")
}
