// Reap goes on with the drains of earlier releases: what a release left behind when
// it ended after its cutover (-background), at its deadline, or by an interrupt. It
// makes nothing, takes nothing in or out of traffic, and can run beside a release.
// Let a scheduled job run it, every quarter of an hour say:
//
//	go build -o reap ./examples/reap && ./reap -for 14m my-app my-other-app
//
// Exit codes: 0 nothing drains any more; 1 an app was wrong; 2 usage; 3 there are
// machines that still drain.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	stay := flag.Duration("for", 0, "how long to stay at most (default: until all have drained)")
	settle := flag.Duration("settle", 10*time.Second, "no machine is idle sooner after this began to watch it")
	poll := flag.Duration("poll", 5*time.Second, "how often is looked when few connections are left")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, "usage: reap [flags] APP…\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, leave := context.WithCancelCause(ctx)
	if *stay > 0 {
		time.AfterFunc(*stay, func() { leave(errors.New("the time to stay is over")) })
	}
	release := drain.Release{Events: view.Log(log.NewWithOptions(os.Stderr, log.Options{ReportTimestamp: true}))}
	for _, name := range flag.Args() {
		app := drain.New(name)
		app.Settle, app.Poll = *settle, *poll
		release.Apps = append(release.Apps, app)
	}
	report, err := release.Drain(ctx)
	os.Exit(view.Outcome(os.Stderr, report, err))
}
