package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// cutover moves traffic from blue to green, for all apps.
func (j *job) cutover(ctx context.Context) error {
	if err := j.unchanged(ctx, false); err != nil {
		return err
	}
	j.opened = time.Now()
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		if a.making != nil {
			a.making.opened = true
		}
		return a.open(ctx, a.green)
	}); err != nil {
		return err
	}
	opened := time.Now()
	if err := j.each(ctx, func(ctx context.Context, a *appJob) error { return a.confirm(ctx, a.report.Green, false) }); err != nil {
		return err
	}
	if err := j.propagate(ctx, opened); err != nil {
		return err
	}
	err := j.unchanged(ctx, true)
	if err != nil && !j.noWayBack(ctx) {
		return err
	} else if err != nil {
		j.tell(Event{Kind: EventWarning, Why: fmt.Sprintf("blue was reduced by somebody else, so green cannot be taken out again; continuing the cutover: %v", err)})
	}
	err = j.each(ctx, func(ctx context.Context, a *appJob) error {
		a.touched = true
		return a.cordon(ctx, a.situation.blue)
	})
	if err != nil {
		return err
	}
	return j.each(ctx, func(ctx context.Context, a *appJob) error {
		var weak error
		for look := 0; ; look++ { // a list alone does not undo a cutover
			f, err := a.list(ctx)
			if err != nil {
				return errors.Join(weak, err)
			}
			if weak = a.asStrong(f); weak == nil || look == 2 {
				return weak
			}
			if err := sleep(ctx, a.listEvery); err != nil {
				return errors.Join(weak, err)
			}
		}
	})
}

// noWayBack reports whether somebody has changed blue so that green cannot leave
// any more without a loss, while all of green is well.
func (j *job) noWayBack(ctx context.Context) bool {
	var bound atomic.Bool
	err := j.each(ctx, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		if _, kept := f.spare(f.pick(a.report.Green), a.serving); len(kept) > 0 {
			bound.Store(true)
		}
		return a.whole(f, true)
	})
	return err == nil && bound.Load()
}

// propagate waits until a change of routing is known everywhere.
func (j *job) propagate(ctx context.Context, changed time.Time) error {
	return sleep(ctx, time.Until(changed.Add(j.Propagation)))
}

// unchanged compares all apps with what they were; again where one took so long
// that what was seen of the others is old by now.
func (j *job) unchanged(ctx context.Context, open bool) error {
	for look := 1; ; look++ {
		begun := time.Now()
		if err := j.each(ctx, func(ctx context.Context, a *appJob) error {
			f, err := a.list(ctx)
			if err != nil {
				return err
			}
			a.green = f.pick(a.report.Green)
			return a.compare(f, open)
		}); err != nil {
			return err
		}
		if time.Since(begun) <= freshness || look == makeTries {
			return nil
		}
	}
}

// compare looks whether blue is who it was, whether green is whole and well,
// and whether there is nothing else; and, when green is open, whether it is as
// strong as what served when the release began.
func (a *appJob) compare(f fleet, open bool) error {
	blue := f.pick(a.report.Blue)
	for _, id := range a.report.Blue {
		m, here := blue.find(id)
		switch {
		case !here || m.Gone():
			return fmt.Errorf("%w: %s: machine %s has gone", ErrChanged, a.Name, id)
		case m.Cordoned:
			return fmt.Errorf("%w: %s: machine %s was cordoned", ErrChanged, a.Name, id)
		}
	}
	strays := a.strays(f, a.mark).cordoned()
	for _, m := range f.managed() {
		_, known := a.seen.find(m.ID)
		_, stray := strays.find(m.ID)
		if !known && !stray && generation(m) != a.mark.id {
			return fmt.Errorf("%w: %s: machine %s has appeared", ErrChanged, a.Name, m.ID)
		}
	}
	if err := a.whole(f, open); err != nil || !open {
		return err
	}
	return a.asStrong(f.where(func(m flyctl.Machine) bool { return !slices.Contains(a.report.Blue, m.ID) }))
}

// whole looks whether all of green is there, of one image, well, and open, or held.
func (a *appJob) whole(f fleet, open bool) error {
	green := f.pick(a.report.Green)
	for _, id := range a.report.Green {
		m, here := f.find(id)
		switch {
		case !here || m.Gone():
			return fmt.Errorf("%w: machine %s of %s has gone", ErrNotHealthy, id, a.Name)
		case !m.ImageRef.Same(green[0].ImageRef):
			return fmt.Errorf("%w: %s: green machines run different images: %s has %s, and %s has %s", ErrChanged, a.Name, id, m.ImageRef, green[0].ID, green[0].ImageRef)
		case m.Cordoned == open:
			return fmt.Errorf("%w: %s: green machine %s was cordoned or uncordoned", ErrChanged, a.Name, id)
		case !m.Standby() && !m.Healthy() && len(fleet{m}.ifOpen().where(takesTraffic)) == 0:
			return fmt.Errorf("%w: machine %s of %s is %s", ErrNotHealthy, id, a.Name, ailment(m))
		}
	}
	return nil
}

// asStrong looks whether, in each group and region, at least as many machines
// take traffic as when the release began. Groups that fly.toml dropped are not missed.
func (a *appJob) asStrong(f fleet) error {
	now := f.serving()
	for p, before := range a.serving {
		if now[p] < before && !a.dropped[p.group] {
			return newError(ErrNotHealthy, "%s: only %d machines serve in %s; %d did when the release began", a.Name, now[p], p, before).about(a.Name, "")
		}
	}
	return nil
}

// undoCutover goes back to blue; or, after an interrupt that came when blue was
// being cordoned, finishes that.
func (j *job) undoCutover(ctx context.Context, cause error) error {
	touched := slices.ContainsFunc(j.apps, func(a *appJob) bool { return a.touched })
	if ctx.Err() != nil && touched && !errors.Is(cause, ErrNotHealthy) {
		quick, cancel := j.budget.outlive(ctx, repairFor)
		defer cancel()
		if err := j.all(quick, func(ctx context.Context, a *appJob) error { return a.shut(ctx, a.situation.blue) }); err != nil {
			err = errors.Join(cause, err)
			for _, a := range j.apps {
				a.served = a.report.Green
			}
			j.report.conclude(ResultLeft, err)
			return err
		}
		j.leave(quick)
		j.report.conclude(ResultDraining, nil)
		return cause
	}
	if !touched {
		result, err := j.abandon(ctx)
		err = errors.Join(cause, err)
		j.report.conclude(result, err)
		return err
	}
	if err := j.reopen(ctx); err != nil {
		err = errors.Join(cause, err)
		j.report.conclude(ResultPerson, err)
		return err
	}
	result, err := j.abandon(ctx)
	if errors.Is(cause, ErrNotHealthy) {
		// Green was well, and was not as strong as blue once blue was out: what it
		// is that the list does not show is for a person to find out.
		var commands []string
		for _, a := range j.apps {
			commands = append(commands, "fly machine list -a "+a.Name)
		}
		cause = person("%w: blue is uncordoned again", cause).mend(commands...)
	}
	err = errors.Join(cause, err)
	j.report.conclude(result, err)
	return err
}

// reopen lets blue of all apps take traffic again.
func (j *job) reopen(ctx context.Context) error {
	var commands []string
	for _, a := range j.apps {
		commands = append(commands, uncordonCommands(a.Name, a.situation.blue)...)
	}
	undo, cancel := j.budget.outlive(ctx, repairFor)
	defer cancel()
	err := j.all(undo, func(ctx context.Context, a *appJob) error {
		f, err := a.list(ctx)
		if err != nil || !a.touched {
			return err
		}
		blue := f.pick(a.report.Blue) // all of it, as the list may not show the cordons yet
		if err := a.open(ctx, blue); err != nil {
			return err
		}
		return a.confirm(ctx, blue.ids(), false)
	})
	if err != nil {
		return person("blue could not be uncordoned again: %w: uncordon it", err).mend(commands...)
	}
	_ = j.propagate(ctx, time.Now()) // an interrupt ends the wait
	return nil
}
