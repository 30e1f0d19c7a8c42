package drain

import (
	"context"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
)

// Every duration of the package, with its reason.
const (
	// Defaults of settings.
	healthTimeout   = 5 * time.Minute
	smokeTime       = 10 * time.Second // longer than most crashes at start
	settleTime      = 10 * time.Second // as long as routing takes to spread
	confirmTime     = 2 * time.Second
	pollTime        = 5 * time.Second
	stopPause       = 10 * time.Second // clients of one machine come back before those of the next
	propagationTime = 10 * time.Second // as flyctl's own bluegreen waits
	listEvery       = time.Second      // Fly's rate limit for one app

	// What a list is believed.
	freshness = 5 * time.Second // how old a list may be by which a machine is stopped or destroyed

	quietLook = 5 * time.Second // between two looks at what may be another run's, or cannot be listed
	undoAfter = time.Minute     // without a list: a release is undone, and a drain ends where time does not mend it
	lostAfter = 5 * time.Minute // without a list: a release gives up

	// What flyctl and Fly are given.
	cordonFor  = facts.CordonFor  // a cordon or an uncordon
	checkFor   = 10 * time.Minute // a release's own Check
	recordFor  = 5 * time.Minute  // a release entry after a rollback
	outage     = time.Hour        // a destroy that fails: a drain of a day must not end for a fault of minutes
	tryAgain   = time.Minute      // between two such destroys
	commandFor = 20 * time.Second // a command in a machine
	askOnce    = 10 * time.Second // the probe, before a release
	stopLeast  = 5 * time.Second  // a stop, whatever its kill_timeout
	stopMargin = time.Minute      // beyond it

	// How a drain looks.
	gather    = 20 * time.Millisecond // ids that come one after another share a first poll
	heartbeat = time.Minute           // at least so often it tells that it continues
	slowest   = time.Minute           // between two looks at where the release stands
	askAll    = time.Minute           // one round of probes, when few drain

	// What an interrupt leaves. GitHub sends SIGTERM 7.5 s after SIGINT, and kills
	// 2.5 s later, so the process must have ended by then.
	repairFor = 5 * time.Second // from the signal: after that nothing new is begun
	endBy     = 7 * time.Second // the rest is for a last look
)

// repairs is how often a run repairs what it finds half done before it gives up:
// then another run is at work.
const repairs = 3

// sleep waits, and returns early with the context's cause when that ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// interrupt is the one budget of a run for what it does after its context has ended.
type interrupt struct {
	since func() time.Time // when the context ended
}

// watchInterrupt notes when ctx ends. Call stop when the run is over.
func watchInterrupt(ctx context.Context) (i *interrupt, stop func() bool) {
	i = &interrupt{since: sync.OnceValue(time.Now)}
	return i, context.AfterFunc(ctx, func() { i.since() })
}

// outlive returns a context that continues after ctx, until d after the interrupt.
func (i *interrupt) outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		end := time.AfterFunc(time.Until(i.since().Add(d)), func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(out, func() { end.Stop() })
	})
	return out, func() { unhook(); cancel(context.Canceled) }
}
