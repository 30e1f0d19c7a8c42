package flyctl

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Fly lets a burst of three through, and then one a second. One of the burst is left for
// processes that do not start evenly, and for what flyctl does inside a deploy, long after
// that has begun. Machines are created a fiftieth slower than Fly allows: so what is left
// comes back. A list that Fly refused would be asked for again, but a clone fails.
// https://fly.io/docs/machines/api/working-with-machines-api/#rate-limits
const burst = 2

// pacer keeps commands of one kind within a rate, after a burst.
//
// A command that has waited for the rate can still wait for a process slot. The
// turn lets only one at a time do so: otherwise all that full slots held up would
// start at once, and Fly would refuse them.
type pacer struct {
	turn  chan struct{}
	limit *rate.Limiter
}

func newPacer(every time.Duration) pacer {
	return pacer{turn: make(chan struct{}, 1), limit: rate.NewLimiter(rate.Every(every), burst)}
}

// wait returns when the next command may start. The caller calls done when it does.
func (p *pacer) wait(ctx context.Context) (done func(), err error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	done = func() { <-p.turn }
	if err := p.limit.Wait(ctx); err != nil {
		done()
		<-ctx.Done() // the limiter knows that the deadline comes first
		return nil, context.Cause(ctx)
	}
	return done, nil
}
