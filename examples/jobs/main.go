// Jobs releases an app whose workers take jobs from a queue. They have no services,
// so no connections that could be counted, and a plain release stops them at once,
// in the middle of a job. Here each goes when it has finished what it has in hand:
//
//	go run ./examples/jobs -app my-app -finish '/app/worker finish' -deadline 2h
//
// The command that -finish names runs in each old worker, once traffic is on the new
// release, again and again until it prints 0. It
//
//   - tells the worker to take no more jobs, say by a signal or a file that the
//     worker looks at before each job (a cordon means nothing to a worker); doing so
//     twice must be the same as once;
//   - prints how many jobs it has in hand, as one whole number and nothing else. What
//     is not a number keeps the worker: unknown is not zero.
//
// There is no shell in between, so the worker's own binary is the best command, and
// works in images that have nothing else. Machines with services go when their last
// connection has ended, as ever. At the deadline a worker is stopped with the signal
// and the grace of fly.toml (kill_signal, kill_timeout): it had better put an
// unfinished job back. A worker that was told to finish takes no jobs after a
// rollback, either, until it is restarted.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	name := flag.String("app", "", "the app's `name` on Fly")
	image := flag.String("image", "", "deploy this image (default: build one)")
	finish := flag.String("finish", "", "the `command` that tells a worker to finish, and prints how many jobs it has in hand")
	deadline := flag.Duration("deadline", 0, "how long a worker may take to finish (default: as long as it takes)")
	flag.Parse()
	if *name == "" || *finish == "" {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := drain.New(*name)
	app.Image = *image
	report, err := release(app, *finish, *deadline).Deploy(ctx)
	if n := report.Apps; len(n) == 1 && n[0].Cut > 0 {
		fmt.Fprintf(os.Stderr, "jobs: the deadline ended %d connections and jobs\n", n[0].Cut)
	}
	os.Exit(view.Outcome(os.Stderr, report, err))
}

// release is of an app whose workers may finish their jobs.
func release(app *drain.App, finish string, deadline time.Duration) *drain.Release {
	app.WorkerProbe = probe.Exec{Command: finish}
	app.Deadline, app.AtDeadline = deadline, drain.StopConnected
	logger := log.NewWithOptions(os.Stderr, log.Options{ReportTimestamp: true})
	return &drain.Release{Apps: []*drain.App{app}, Events: view.Log(logger)}
}
