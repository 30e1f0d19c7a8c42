package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Rollback takes all apps back to the release before, while that one still drains
// and is whole: it checks its machines, uncordons them, and drains the newer ones
// instead. Then it makes a release entry with the old image, without touching a
// machine, so that later fly commands do not bring the bad release back. Where more
// than one release drains, or the one that does is not whole, it does nothing and
// says so.
func (r Release) Rollback(ctx context.Context) (Report, error) { return r.run(ctx, (*job).rollback) }

// rollback is a cutover whose green is the release before, and whose blue is
// the newest one.
func (j *job) rollback(ctx context.Context) error {
	if err := j.phase(ctx, PhaseCheck, j.checkRollback); err != nil {
		if j.notBegun() {
			return err
		}
		return j.notRolledBack(ctx, err) // nothing was changed
	}
	if err := j.phase(ctx, PhaseCutover, j.cutover); err != nil {
		err = j.undoCutover(ctx, err)
		if j.report.Result == ResultDraining || slices.ContainsFunc(j.apps, func(a *appJob) bool { return len(a.served) > 0 }) {
			return err // it was interrupted when most was done
		}
		return j.notRolledBack(ctx, err)
	}
	err := j.phase(ctx, PhaseDrain, func(ctx context.Context) error {
		if err := j.recordOldImage(ctx); err != nil {
			return err
		}
		return j.drainAll(ctx, func(a *appJob, f fleet) fleet { return f.pick(a.report.Blue) })
	})
	j.concludeDrain(ctx, err)
	return err
}

// notRolledBack says that the newest release serves, and the one before drains.
func (j *job) notRolledBack(ctx context.Context, err error) error {
	j.leave(ctx)
	j.report.conclude(ResultDraining, err)
	return err
}

// checkRollback finds the machines to go back to.
func (j *job) checkRollback(ctx context.Context) error {
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		a.standing, a.denied = f.standing(), final(err)
		a.situation = situation{seen: f.managed(), blue: a.standing.green.open(), drains: f.managed().cordoned(), serving: f.serving()}
		return err
	}); err != nil {
		return err
	}
	for _, a := range j.apps {
		back, err := a.predecessor()
		if err != nil {
			return fmt.Errorf("%s: nothing was rolled back: %w", a.Name, err)
		}
		if n := a.standing.mark.apps; n != len(j.apps) || a.standing.mark.id != j.apps[0].standing.mark.id {
			return refuse("%s: release %s covers %d apps: pass these, and no others", a.Name, a.standing.mark.id, n)
		}
		a.report.Blue, a.report.Green = a.situation.blue.ids(), back.ids()
		a.report.Image = back[0].ImageRef.String()
		a.dropped = map[string]bool{}
		for _, m := range a.situation.blue {
			a.dropped[m.Group()] = !hasGroup(back, m.Group())
		}
	}
	return j.each(ctx, func(ctx context.Context, a *appJob) error { return a.awaitHealthy(ctx, a.report.Green, nil) })
}

// recordOldImage makes the release entries. One that fails is a warning: the
// old release serves all the same.
func (j *job) recordOldImage(ctx context.Context) error {
	return j.each(ctx, func(ctx context.Context, a *appJob) error {
		bounded, cancel := context.WithTimeout(ctx, silence)
		defer cancel()
		err := a.fly.Deploy(bounded, flyctl.DeployOptions{Image: a.report.Image, UpdateOnly: true, OnlyNewMachines: true,
			SkipReleaseCommand: true, Detach: true})
		if err != nil && ctx.Err() == nil {
			a.warn(fmt.Sprintf("the old release serves, but Fly's own record still names the new one, and later fly commands may bring it back: %v", err))
			return nil
		}
		return errors.Join(err, ctx.Err())
	})
}

// closeAgain takes the release before out of traffic, where it drains on.
func (a *appJob) closeAgain(ctx context.Context) error {
	ctx, cancel := a.budget.outlive(ctx, repairFor)
	defer cancel()
	f, err := a.list(ctx)
	if err != nil {
		a.served = a.report.Green
		return err
	}
	out, kept := f.spare(f.pick(a.report.Green), a.serving)
	if len(kept) > 0 {
		a.warn("machines of the release before stay in traffic, as without them there would be fewer than there were: " + strings.Join(kept.ids(), " "))
	}
	return a.cordon(ctx, out)
}
