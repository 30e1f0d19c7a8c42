// Reap finishes the drains that earlier releases left: those that ended after their
// cutover (-background), at a deadline or by an interrupt. It is for a scheduled job,
// every quarter of an hour say. It creates, cordons and uncordons nothing, so it can
// run beside a release.
//
//	go build -o reap ./examples/reap && ./reap -for 14m my-app my-other-app
//
// Exit codes: 0 nothing drains any more; 1 failed; 2 usage; 3 some machines still
// drain.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	var r drain.Release
	stay := flag.Duration("for", 0, "how long to run at most (default: until all have drained)")
	flag.DurationVar(&r.Settle, "settle", 0, "time of watching before a count is believed (default 10s)")
	flag.DurationVar(&r.Poll, "poll", 0, "time to the next look at draining machines, after a change (default 5s)")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, "usage: reap [flags] APP…\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	r.Apps = drain.New(flag.Args()...).Apps
	os.Exit(view.Run(r, func(r drain.Release, ctx context.Context) (drain.Report, error) {
		if *stay > 0 {
			timed, cancel := context.WithTimeoutCause(ctx, *stay, errors.New("the time to run is over"))
			defer cancel()
			ctx = timed
		}
		return r.Drain(ctx)
	}))
}
