// Jobs releases an app whose workers take jobs from a queue, and lets each old worker
// finish its jobs. It is for apps with process groups without services: those have no
// connections to count, so a plain release stops them at once, in the middle of a job.
//
//	go run ./examples/jobs -app my-app -finish '/app/worker finish' -deadline 2h
//
// When the new release serves, the command of -finish runs in each old worker, again
// and again, until it prints 0. The command
//
//   - tells the worker to take no more jobs, say by a signal or a file that the worker
//     looks at before each job (a cordon means nothing to a worker). Doing so twice
//     must be the same as once;
//   - prints how many jobs the worker still has, as one whole number and nothing else.
//     Anything else keeps the worker: unknown is not zero.
//
// There is no shell in between, so the worker's own binary is the best command: it is
// in the image anyway. Machines with services go after their last connection, as ever.
// At the deadline a worker is stopped with the signal and the grace time of fly.toml
// (kill_signal, kill_timeout), so it should put an unfinished job back. A worker that
// was told to finish also takes no jobs after a rollback, until it is restarted.
package main

import (
	"flag"
	"os"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	name := flag.String("app", "", "the app's `name` on Fly")
	image := flag.String("image", "", "deploy this image (default: build one)")
	finish := flag.String("finish", "", "the `command` that tells a worker to finish, and prints how many jobs it still has")
	deadline := flag.Duration("deadline", 0, "how long a worker may take to finish (default: as long as it takes)")
	flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr))
	flag.Parse()
	if *name == "" || *finish == "" {
		flag.Usage()
		os.Exit(2)
	}
	os.Exit(view.Deploy(release(drain.App{Name: *name, Image: *image}, *finish, *deadline)))
}

// release returns the release of an app whose workers may finish their jobs.
func release(app drain.App, finish string, deadline time.Duration) drain.Release {
	r := drain.Release{Apps: []drain.App{app}}
	r.WorkerProbe = probe.Exec{Command: finish}
	r.Deadline, r.AtDeadline = deadline, drain.StopMachine
	return r
}
