package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/idle"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// drainIdle waits until each machine is idle, and destroys it then. It reports how that
// ended for each.
func (j *run) drainIdle(ctx context.Context, a *app, ids []string, tell func(id string, err error)) {
	var taken sync.Map // what is not waited for any more
	var leaving sync.WaitGroup
	slots := make(chan struct{}, sideBySide)
	seen, i := j.latest(a)
	a.idling.Lock()
	for _, id := range ids { // a list before the cutover may have told what later ones do not
		if by := seen.facts.Apps[i].Seen[id].Cordoned; !by.IsZero() {
			a.drains.Date(id, by.Add(j.Bake), time.Now())
		}
	}
	a.idling.Unlock()
	err := a.awaitIdle(ctx, these(ids...), ctx.Err, func(n idle.News, err error) {
		if _, before := taken.LoadOrStore(n.Row.ID, true); before {
			return
		}
		leaving.Go(func() {
			if goes(n) && n.Row.Reachable() { // else it cannot be kept for a rollback
				err = j.keepWorker(ctx, a, n.Row.ID)
			}
			if goes(n) && err == nil {
				slots <- struct{}{}
				defer func() { <-slots }()
				err = j.destroyIdle(ctx, a, n)
			}
			tell(n.Row.ID, err)
		})
	})
	for _, id := range ids { // before a worker is waited for, which may wait for these
		if _, before := taken.LoadOrStore(id, true); !before {
			tell(id, cmp.Or(err, context.Canceled))
		}
	}
	leaving.Wait()
}

// destroyIdle destroys a machine if it is idle. After a fault that may pass it tries
// again, and also where a list shows that nothing serves in its place: that may pass too,
// and once it is believed the run decides what becomes of the machine.
func (j *run) destroyIdle(ctx context.Context, a *app, n idle.News) error {
	id := n.Row.ID
	for begun := time.Now(); ; {
		err := a.destroy(ctx, id, n.Verdict == idle.Stop, j.spared(a, id))
		if err == nil {
			a.noteDestroyed(id, n)
			return nil
		}
		passes := facts.Passes(err) || errors.Is(err, ErrNotIdle)
		if !passes || time.Since(begun) > outage || ctx.Err() != nil {
			return err
		}
		a.warn(fmt.Sprintf("machine %s is idle but could not be destroyed; trying again: %v", id, err))
		if err := sleep(ctx, tryAgain); err != nil {
			return err
		}
		if n.Verdict == idle.Stop {
			continue // its deadline is over
		}
		var kept error
		if err := a.awaitIdle(ctx, these(id), ctx.Err, func(again idle.News, err error) { n, kept = again, err }); err != nil || !goes(n) {
			return errors.Join(err, kept)
		}
	}
}

// spared says why a machine must not be stopped now, by a new list.
func (j *run) spared(a *app, id string) func(fleet.List) string {
	return func(l fleet.List) string {
		seen, i := j.latest(a)
		return standing.One(seen.goal, seen.facts, i, l).Spared(id)
	}
}

// keepWorker stops an idle worker, and returns when the last machine of its release
// is gone: until then a rollback may start it again.
func (j *run) keepWorker(ctx context.Context, a *app, id string) error {
	for stopped := false; ; {
		seen, i := j.latest(a)
		stays, left := standing.One(seen.goal, seen.facts, i, a.lists.Latest()).WorkerStays(id)
		pause := a.release.ListEvery
		switch {
		case !stays:
			return nil
		case !stopped:
			_, err := a.stop(ctx, id, false, j.spared(a, id))
			if err != nil && left {
				return err
			}
			if stopped = err == nil; !stopped {
				pause = tryAgain
			}
		case left:
			return a.fault(id, ErrNotIdle, "worker %s of %s is stopped, and kept as long as machines of its release are", id, a.Name)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// noteDestroyed notes a machine for the report, and the connections that its end cut.
func (a *app) noteDestroyed(id string, n idle.News) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.destroyed = append(a.destroyed, id)
	if n.Verdict != idle.Stop {
		return
	}
	count, known := n.Reading.Connections()
	if a.cut += count; !known {
		a.cutUnknown = append(a.cutUnknown, id)
	}
}
