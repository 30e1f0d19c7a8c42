package drain

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// Deploy releases all apps: it creates green machines beside blue, checks them,
// changes all apps over together, and destroys each blue machine when it is idle.
// It first repairs what an earlier run left unfinished. The error is nil exactly
// when [Report.ExitCode] is 0.
//
// Until the cutover, a failure or the end of the context leaves blue as it was. A
// failure in the cutover uncordons blue before it cordons green. Once all of blue
// is cordoned the release stands, and this or a later run drains what is left.
func (r Release) Deploy(ctx context.Context) (Report, error) { return r.run(ctx, (*job).deploy) }

func (j *job) deploy(ctx context.Context) error {
	for _, step := range []struct {
		phase Phase
		do    func(context.Context) error
	}{{PhaseCheck, j.check}, {PhaseBuild, j.build}, {PhasePrepare, j.prepare}, {PhaseGate, j.gate}} {
		if err := j.phase(ctx, step.phase, step.do); err != nil {
			result, undoErr := j.abandon(ctx)
			err = errors.Join(err, undoErr)
			j.report.conclude(result, err)
			return err
		}
	}
	if err := j.phase(ctx, PhaseCutover, j.cutover); err != nil {
		return j.undoCutover(ctx, err)
	}
	if j.Background {
		j.leave(ctx)
		j.report.conclude(ResultDone, nil)
		return nil
	}
	err := j.phase(ctx, PhaseDrain, j.drainBlue)
	j.concludeDrain(ctx, err)
	return err
}

// check looks at all apps, and repairs what an earlier run left of them. A
// flyctl that outlived that run can still make a machine, so the list that the
// release goes by must show nothing more to repair.
func (j *job) check(ctx context.Context) error {
	for range makeTries {
		begun := time.Now()
		changed, err := j.settle(ctx)
		if err != nil {
			return err
		}
		if changed {
			begun = time.Now()
		}
		if err := j.checkAll(ctx, begun); err != nil {
			return err
		}
		if !slices.ContainsFunc(j.apps, func(a *appJob) bool { return a.seen.standing().unsettled() }) {
			for _, a := range j.apps {
				for _, m := range a.situation.blue {
					a.emitMachine(EventFound, m)
				}
			}
			return nil
		}
	}
	return newError(ErrChanged, "another release is at work")
}

// checkAll looks whether the release can begin, by lists not older than since.
func (j *job) checkAll(ctx context.Context, since time.Time) error {
	if err := j.each(ctx, func(ctx context.Context, a *appJob) (err error) {
		if a.situation, err = a.app.check(ctx, since); err != nil {
			return err
		}
		a.report.Blue = a.situation.blue.ids()
		if n := len(a.drains); j.MaxDraining > 0 && n > j.MaxDraining {
			return refuse("%s: %d machines still drain from earlier releases, and %d are allowed: wait, or run with -drain", a.Name, n, j.MaxDraining)
		}
		return nil
	}); err != nil {
		return err
	}
	var fleets []fleet
	for _, a := range j.apps {
		fleets = append(fleets, a.situation.blue, a.drains)
	}
	id := newMarkID(time.Now(), fleets...)
	j.report.Release = id
	for _, a := range j.apps {
		a.mark = a.newMark(id, len(j.apps))
	}
	return nil
}

func (j *job) build(ctx context.Context) error {
	return j.each(ctx, func(ctx context.Context, a *appJob) (err error) {
		a.report.Image, err = a.build(ctx)
		return errors.Join(err, ctx.Err())
	})
}

func (j *job) prepare(ctx context.Context) error {
	return j.each(ctx, func(ctx context.Context, a *appJob) (err error) {
		a.making = a.preparation(a.situation, a.mark, a.report.Image)
		if a.green, err = a.making.run(ctx); err != nil {
			return err
		}
		a.report.Green = a.green.ids()
		return nil
	})
}

func (j *job) gate(ctx context.Context) error {
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		if err := a.awaitHealthy(ctx, a.report.Green, a.making); err != nil {
			return err
		}
		a.making.drop(ctx, a.making.surplus) // what may have taken traffic drains with blue
		return nil
	}); err != nil {
		return err
	}
	if j.Check == nil {
		return nil
	}
	for _, a := range j.apps {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		if err := j.Check(ctx, a.Name, f.pick(a.report.Green)); err != nil {
			return newError(ErrNotHealthy, "%s: the release's own check: %w", a.Name, err).about(a.Name, "")
		}
	}
	return nil
}

// abandon takes green out before blue was touched, and tells how that leaves things.
func (j *job) abandon(ctx context.Context) (Result, error) {
	err := j.all(ctx, func(ctx context.Context, a *appJob) error {
		if a.making == nil {
			if len(a.report.Green) > 0 {
				return a.closeAgain(ctx)
			}
			return nil
		}
		left, err := a.making.withdraw(ctx)
		if len(a.report.Green) == 0 {
			a.report.Green = slices.Sorted(maps.Keys(a.making.births))
		}
		if err == nil && ctx.Err() == nil {
			left, err = a.drainGreen(ctx, left)
		}
		a.left, a.served = left.cordoned().ids(), left.open().ids()
		if err != nil {
			a.served, a.blind = a.making.maybeOpen(), true
			a.left = slices.DeleteFunc(left.ids(), func(id string) bool { return slices.Contains(a.served, id) })
		}
		return err
	})
	if err != nil || slices.ContainsFunc(j.apps, func(a *appJob) bool { return len(a.left)+len(a.served) > 0 }) {
		return ResultLeft, err
	}
	return ResultFailed, nil
}

// drainGreen waits for green that may have taken traffic, for as long as green
// may take to become healthy, and returns what is left.
func (a *appJob) drainGreen(ctx context.Context, green fleet) (fleet, error) {
	bounded, cancel := context.WithTimeout(ctx, cmp.Or(a.HealthTimeout, healthTimeout))
	defer cancel()
	if err := a.drain(bounded, green.cordoned()); err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrNotIdle) {
		a.warn(err.Error())
	}
	ctx, cancel = a.budget.outlive(ctx, endBy)
	defer cancel()
	f, err := a.list(ctx)
	if err != nil {
		return green, err
	}
	return f.managed().pick(green.ids()), nil
}
