package scripts_test

import (
	"context"
	"os"
	"os/signal"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// outsideRunner runs flyctl for a program in a bubble of simulated time (see
// testing/synctest). That time jumps ahead while the program waits for it, and
// would stand still while the program waits for a process. So processes are waited
// for outside of the bubble, and meanwhile time passes in it as in the world.
type outsideRunner struct {
	runs       chan *outsideRun
	ticks      chan struct{} // one each tick
	interrupts chan os.Signal
}

// outsideRun is one run of flyctl.
type outsideRun struct {
	ctx   context.Context
	stop  context.CancelCauseFunc
	begin chan flyctl.Command
	lines chan string // for the command's Output, in the bubble
	res   flyctl.Result
	err   error
	ended chan struct{}
}

const outsideTick = 10 * time.Millisecond

// newOutsideRunner is called outside of the bubble: what it makes is not of it.
func newOutsideRunner(start flyctl.Runner) *outsideRunner {
	o := &outsideRunner{runs: make(chan *outsideRun), ticks: make(chan struct{}), interrupts: make(chan os.Signal, 1)}
	signal.Notify(o.interrupts, os.Interrupt)
	go func() {
		for {
			r := &outsideRun{begin: make(chan flyctl.Command), lines: make(chan string), ended: make(chan struct{})}
			r.ctx, r.stop = context.WithCancelCause(context.Background())
			o.runs <- r
			go func() {
				defer close(r.ended)
				r.res, r.err = start(r.ctx, <-r.begin)
			}()
		}
	}()
	go func() {
		for {
			time.Sleep(outsideTick)
			o.ticks <- struct{}{}
		}
	}()
	return o
}

// runner is for use in the bubble. It calls interrupted when this process is,
// which it hears while flyctl runs.
func (o *outsideRunner) runner(interrupted func()) flyctl.Runner {
	return func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		r := <-o.runs
		output := cmd.Output
		if output != nil {
			cmd.Output = func(line string) { r.lines <- line }
		}
		r.begin <- cmd
		defer r.stop(nil)
		for {
			select {
			case <-r.ended:
				time.Sleep(outsideTick)
				return r.res, r.err
			case line := <-r.lines:
				output(line)
			case <-o.interrupts:
				interrupted()
			case <-o.ticks:
				time.Sleep(outsideTick)
			}
			if ctx.Err() != nil {
				r.stop(context.Cause(ctx))
			}
		}
	}
}
