package drain

import (
	"cmp"
	"context"
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// Resume repairs what a run that died left behind, and then drains: superseded
// machines, as Drain does, and green machines of releases that were taken back.
// flydrain stores nothing. What there is to do is read from the machine list, so
// Resume works after a death anywhere, and doing it again changes nothing. All apps
// that were released together must be given. What looks like half a cutover it
// leaves alone until nothing has changed for 40 s: another run may be at work.
func (r Release) Resume(ctx context.Context) (Report, error) { return r.run(ctx, (*run).resume) }

func (j *run) resume(ctx context.Context) error {
	j.told.phase(j, PhaseCheck, nil)
	if _, err := j.repair(ctx, false); err != nil {
		return j.conclude(rollout.Decision{Done: rollout.Left}, err)
	}
	return j.drainAll(ctx, true)
}

// repair reaches what the machine lists say was begun and not finished. For a
// deploy, what only drains is finished already. It reports whether it did anything.
func (j *run) repair(ctx context.Context, deploy bool) (repaired bool, err error) {
	lists := make([]fleet.List, len(j.apps))
	apps := make([]rollout.App, len(j.apps))
	if err := each(ctx, j.apps, func(ctx context.Context, i int, a *app) (err error) {
		apps[i] = rollout.App{Name: a.Name, HealthTimeout: a.HealthTimeout, Smoke: a.Smoke}
		lists[i], err = a.list(ctx)
		return err
	}); err != nil {
		return false, err
	}
	intentions := rollout.Intent(apps, lists, deploy)
	for _, in := range intentions {
		if in.Person != "" {
			return false, j.personFor(in, lists)
		}
		if !in.Rest && in.Goal.Aim != rollout.DrainOnly && len(j.apps) < in.Size {
			return false, refuse("release %s covers %d apps and is unfinished, but only %d were given: pass all of them", in.Goal.Apps[0].ID, in.Size, len(in.Apps))
		}
	}
	for _, in := range intentions {
		if in.Rest || in.Goal.Aim == rollout.DrainOnly {
			continue
		}
		g := in.Goal
		g.Spread, g.Check, g.Background = j.Propagation, j.Check != nil, true
		part := make([]*app, len(in.Apps))
		for i, at := range in.Apps {
			part[i] = j.apps[at]
		}
		d, err := j.reach(ctx, part, g)
		repaired = true
		if err != nil {
			return repaired, err
		}
		if d.Done == rollout.Person || d.Row == "I" {
			return repaired, j.outcome(d)
		}
	}
	return repaired, nil
}

// personFor is the error of an intention that only a person can decide.
func (j *run) personFor(in rollout.Intention, lists []fleet.List) error {
	e := person("%s", in.Person)
	for _, i := range in.Apps {
		cordoned := lists[i].Managed().Cordoned()
		slices.SortStableFunc(cordoned, func(a, b *fleet.Machine) int { return cmp.Compare(b.Mark.ID, a.Mark.ID) }) // the newest release first
		e.Next = append(e.Next, uncordonCommands(j.apps[i].Name, cordoned)...)
	}
	return e
}
