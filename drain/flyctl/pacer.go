package flyctl

import (
	"context"
	"sync"
	"time"
)

// burst is how many commands may begin at once. Fly lets three through, and then one a
// second. It counts what flyctl asks for a moment after flyctl has begun. So that it does
// not refuse a command that takes a shorter moment than those before, the third one and all
// after it begin a quarter second later than Fly allows. Machines are created a hundredth
// slower, too: so what uneven commands have used up comes back. A list that Fly refused
// would be asked for again, but a clone fails.
// https://fly.io/docs/machines/api/working-with-machines-api/#rate-limits
const burst = 2.75

// pacer keeps commands of one kind within a rate, after a burst.
//
// A command that has waited for the rate can still wait for a process slot. The
// turn lets only one at a time do so: otherwise all that full slots held up would
// start at once, and Fly would refuse them.
type pacer struct {
	turn  chan struct{}
	every time.Duration
	ahead time.Duration // of the rate, at most

	mu  sync.Mutex
	due time.Time // when all that has begun would have, had it kept to the rate
}

func newPacer(every time.Duration) pacer {
	return pacer{turn: make(chan struct{}, 1), every: every, ahead: time.Duration((burst - 1) * float64(every))}
}

// wait returns when the next command may start. The caller calls done when it does.
func (p *pacer) wait(ctx context.Context) (done func(), err error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	for {
		early := p.early()
		if early <= 0 {
			return func() { p.count(); <-p.turn }, nil
		}
		select {
		case <-time.After(early):
		case <-ctx.Done():
			<-p.turn
			return nil, context.Cause(ctx)
		}
	}
}

// early returns how long the next command has to wait.
func (p *pacer) early() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.due.Add(-p.ahead))
}

// count counts what begins now.
func (p *pacer) count() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); p.due.Before(now) {
		p.due = now
	}
	p.due = p.due.Add(p.every)
}

// delay says that the last one counted did not ask Fly before now.
func (p *pacer) delay() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if next := time.Now().Add(p.every); p.due.Before(next) {
		p.due = next
	}
}
