package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Drain finishes the drains of superseded releases: of machines that are cordoned
// while every machine of a later release is uncordoned. It touches nothing else, so it can run
// beside a release, and from a scheduled job.
func (r Release) Drain(ctx context.Context) (Report, error) { return r.run(ctx, (*job).drain) }

func (j *job) drain(ctx context.Context) error {
	err := j.phase(ctx, PhaseDrain, func(ctx context.Context) error {
		return j.drainAll(ctx, func(a *appJob, f fleet) fleet {
			if rest := f.stuck(); len(rest) > 0 {
				a.warn("not draining these cordoned machines, as other machines of their release, or of one as old, serve: " + strings.Join(rest.ids(), " "))
			}
			return f.superseded()
		})
	})
	if !j.notBegun() {
		j.concludeDrain(ctx, err)
	}
	return err
}

// notBegun reports whether no app could be looked at, and then says so in the report.
func (j *job) notBegun() bool {
	if slices.ContainsFunc(j.apps, func(a *appJob) bool { return !a.denied }) {
		return false
	}
	j.report = Report{Result: ResultFailed, Apps: []AppReport{}}
	return true
}

// drainBlue drains all that is cordoned of the generations before this release,
// and what of its own was not needed.
func (j *job) drainBlue(ctx context.Context) error {
	if j.Bake > 0 {
		j.tell(Event{Kind: EventBaking, Until: time.Now().Add(j.Bake)})
	}
	if err := sleep(ctx, j.Bake); err != nil {
		return err
	}
	for _, a := range j.apps {
		if j.Bake > 0 {
			a.baked = time.Now()
		}
	}
	return j.drainAll(ctx, func(a *appJob, f fleet) fleet {
		leaving := a.leaving(f)
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

// leaving is what the app's release drains once it serves: not what somebody has
// cordoned of its green since.
func (a *appJob) leaving(f fleet) fleet {
	return f.leaving(a.mark).where(func(m flyctl.Machine) bool { return !slices.Contains(a.report.Green, m.ID) })
}

// drainAll drains what is chosen of each app. One app's trouble does not keep the others.
func (j *job) drainAll(ctx context.Context, choose func(*appJob, fleet) fleet) error {
	return j.all(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		if err != nil {
			a.denied = final(err)
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
	resting := leaving.where(atRest)
	err := a.drainIDs(ctx, resting.ids())
	if err != nil && ctx.Err() != nil {
		return err
	}
	return errors.Join(err, a.drainIDs(ctx, leaving.where(func(m flyctl.Machine) bool {
		return !atRest(m) && (err == nil || !slices.ContainsFunc(resting, func(standby flyctl.Machine) bool {
			return slices.Contains(standby.Config.Standbys, m.ID) && !slices.Contains(a.report.Destroyed, standby.ID)
		}))
	}).ids()))
}

// turn orders machines for their going: those at rest last.
func turn(m flyctl.Machine) int {
	if m.Stopped() {
		return 1
	}
	return 0
}

func (a *appJob) drainIDs(ctx context.Context, ids []string) error {
	var mu sync.Mutex
	var errs []error
	var leaving sync.WaitGroup
	slots := make(chan struct{}, sideBySide)
	err := a.awaitIdle(ctx, these(ids...), func() error { return context.Cause(ctx) }, func(v verdict) {
		if !v.idle {
			mu.Lock()
			errs = append(errs, v.err)
			mu.Unlock()
			return
		}
		leaving.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			err := a.destroyInTime(ctx, &v)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			a.report.Destroyed = append(a.report.Destroyed, v.id)
			a.report.Cut += v.cut
			if v.uncounted {
				a.report.CutUnknown = append(a.report.CutUnknown, v.id)
			}
		})
	})
	leaving.Wait()
	return errors.Join(append(errs, err)...)
}

// destroyInTime destroys an idle machine, again and again where a fault may pass,
// if it is idle then.
func (a *appJob) destroyInTime(ctx context.Context, v *verdict) error {
	for begun := time.Now(); ; {
		err := a.destroy(ctx, v.id)
		if !errors.Is(err, flyctl.ErrTransient) && !errors.Is(err, flyctl.ErrRateLimited) && !errors.Is(err, flyctl.ErrLeaseHeld) ||
			time.Since(begun) > outage || ctx.Err() != nil {
			return err
		}
		a.warn(fmt.Sprintf("machine %s is idle, and could not be destroyed; trying again: %v", v.id, err))
		if err := sleep(ctx, tryAgain); err != nil {
			return err
		}
		if v.cut > 0 || v.uncounted {
			continue // its deadline is over
		}
		if err := a.awaitIdle(ctx, these(v.id), func() error { return context.Cause(ctx) }, func(again verdict) { *v = again }); err != nil || !v.idle {
			return errors.Join(err, v.err)
		}
	}
}

// leave notes which machines still drain.
func (j *job) leave(ctx context.Context) {
	ctx, cancel := j.budget.outlive(ctx, endBy)
	defer cancel()
	_ = j.all(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		if err != nil {
			a.warn(fmt.Sprintf("the machines that still drain could not be listed: %v", err))
			a.blind = true
			return nil
		}
		left := append(f.superseded(), f.pick(a.report.Blue).cordoned()...) // a rollback's blue is the newest release
		if a.mark.id != "" {
			left = a.leaving(f)
		}
		a.left = left.ids()
		return nil
	})
}

// concludeDrain says how a drain ended.
func (j *job) concludeDrain(ctx context.Context, err error) {
	if err == nil {
		j.report.conclude(ResultDone, nil)
		return
	}
	j.leave(ctx)
	j.report.conclude(ResultDraining, err)
}
