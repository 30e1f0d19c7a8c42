package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Drain goes on with the drains of earlier releases, and touches nothing else: it
// can run beside a release, and from a scheduled job. What drains is read from
// the machine list: cordoned machines of generations that a later release, all
// of whose machines are open, has taken the place of.
func (r *Release) Drain(ctx context.Context) (Report, error) {
	j, err := r.job()
	if err != nil {
		return Report{Result: Failed}, err
	}
	err = j.phase(ctx, PhaseDrain, func(ctx context.Context) error {
		return j.drainAll(ctx, func(_ *appJob, f fleet) fleet { return f.superseded() })
	})
	if slices.ContainsFunc(j.apps, func(a *appJob) bool { return !a.denied }) {
		j.concludeDrain(ctx, err)
	} else { // nothing was begun
		j.report = Report{Result: Failed, Phases: j.report.Phases}
	}
	j.announce(err)
	return j.report, err
}

// drainBlue drains all that is cordoned of the generations before this release,
// and what of its own was not needed.
func (j *job) drainBlue(ctx context.Context) error {
	if j.Bake > 0 {
		j.tell(Event{Kind: Baking, Until: time.Now().Add(j.Bake)})
	}
	if err := sleep(ctx, j.Bake); err != nil {
		return err
	}
	return j.drainAll(ctx, func(a *appJob, f fleet) fleet {
		leaving := f.leaving(a.mark)
		known := slices.Concat(a.situation.blue, a.drains)
		if a.making != nil {
			known = append(known, a.making.surplus...)
		}
		for _, m := range known { // also what this one list does not show as cordoned
			_, chosen := leaving.find(m.ID)
			if _, here := f.find(m.ID); here && !chosen {
				leaving = append(leaving, m)
			}
		}
		return leaving
	})
}

// drainAll drains what is chosen of each app. One app's trouble does not keep the others.
func (j *job) drainAll(ctx context.Context, choose func(*appJob, fleet) fleet) error {
	return j.all(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		if err != nil {
			a.denied = errors.Is(err, flyctl.ErrAppNotFound) || errors.Is(err, flyctl.ErrUnauthorized)
			return err
		}
		return a.drain(ctx, choose(a, f))
	})
}

// drain waits for each machine to be idle, and destroys it then.
func (a *appJob) drain(ctx context.Context, leaving fleet) error {
	// A standby would start when the machine that it stands in for stops.
	slices.SortStableFunc(leaving, func(a, b flyctl.Machine) int { return cmp.Compare(turn(a), turn(b)) })
	atRest := func(m flyctl.Machine) bool { return m.Standby() && m.Stopped() }
	if err := a.drainIDs(ctx, leaving.where(atRest).ids()); err != nil {
		return err
	}
	return a.drainIDs(ctx, leaving.where(func(m flyctl.Machine) bool { return !atRest(m) }).ids())
}

// turn orders machines for their going: those at rest last.
func turn(m flyctl.Machine) int {
	if m.Stopped() {
		return 1
	}
	return 0
}

func (a *appJob) drainIDs(ctx context.Context, ids []string) error {
	in := make(chan string, len(ids))
	for _, id := range ids {
		in <- id
	}
	close(in)
	var mu sync.Mutex
	var errs []error
	var leaving sync.WaitGroup
	slots := make(chan struct{}, 4*flyctl.MaxParallel)
	err := a.awaitIdle(ctx, in, func() error { return context.Cause(ctx) }, func(v verdict) {
		if !v.idle {
			mu.Lock()
			errs = append(errs, v.err)
			mu.Unlock()
			return
		}
		leaving.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			err := a.destroyInTime(ctx, v.id)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			a.report.Gone = append(a.report.Gone, v.id)
			a.report.Cut += v.cut
			if v.dark {
				a.report.CutUnknown = append(a.report.CutUnknown, v.id)
			}
		})
	})
	leaving.Wait()
	return errors.Join(append(errs, err)...)
}

// outage is how long an idle machine's end is tried for: a drain of a day must
// not end for a fault of some minutes.
const outage = time.Hour

// destroyInTime destroys an idle machine, again and again where a fault may pass.
func (a *appJob) destroyInTime(ctx context.Context, id string) error {
	for begun := time.Now(); ; {
		err := a.destroy(ctx, id)
		if !errors.Is(err, flyctl.ErrTransient) && !errors.Is(err, flyctl.ErrRateLimited) && !errors.Is(err, flyctl.ErrLeaseHeld) ||
			time.Since(begun) > outage || ctx.Err() != nil {
			return err
		}
		a.warn(fmt.Sprintf("machine %s is idle, and could not be destroyed: it is tried again: %v", id, err))
		if err := sleep(ctx, time.Minute); err != nil {
			return err
		}
	}
}

// leave notes which machines still drain.
func (j *job) leave(ctx context.Context) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lookFor)
		defer cancel()
	}
	_ = j.all(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		if err != nil {
			a.warn(fmt.Sprintf("what still drains is unknown: %v", err))
			a.report.Blind = true
			return nil
		}
		left := f.superseded()
		if a.mark.id != "" {
			left = f.leaving(a.mark)
		}
		a.report.Left = left.ids()
		return nil
	})
}

// concludeDrain says how a drain ended.
func (j *job) concludeDrain(ctx context.Context, err error) {
	if err == nil {
		j.report.conclude(Done, nil)
		return
	}
	j.leave(ctx)
	j.report.conclude(Draining, err)
}
