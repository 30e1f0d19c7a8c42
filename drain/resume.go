package drain

import (
	"cmp"
	"context"
	"slices"
	"time"

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
	if _, _, err := j.repair(ctx, false); err != nil {
		return j.conclude(rollout.Decision{Done: j.unknown(rollout.Left)}, err)
	}
	return j.drainAll(ctx, true)
}

// repair reaches what the machine lists say was begun and not finished. For a
// deploy, what only drains is finished already. It reports whether it did anything, and
// whether a deploy found two releases of which neither is enough.
func (j *run) repair(ctx context.Context, deploy bool) (repaired, stuck bool, err error) {
	intentions, err := j.intend(ctx, deploy)
	for _, in := range intentions {
		part := make([]*app, len(in.Apps))
		for i, at := range in.Apps {
			part[i] = j.apps[at]
		}
		in.Goal.Spread, in.Goal.Check, in.Goal.Background = j.Propagation, j.Check != nil, true
		d, err := j.reach(ctx, part, in.Goal)
		if err != nil {
			return true, false, err
		}
		if d.Done == rollout.Person && !deploy { // a new release takes the place of both
			return true, false, j.outcome(d)
		}
		stuck = stuck || d.Done == rollout.Person
	}
	return len(intentions) > 0, stuck, err
}

// unknown returns how a run ends that failed: as it says, unless no list was ever
// had, and so nothing was begun.
func (j *run) unknown(as rollout.Result) rollout.Result {
	if slices.ContainsFunc(j.apps, func(a *app) bool { return a.lists.latest() != nil }) {
		return as
	}
	return rollout.Undone
}

// intend reads from the machine lists what is to be cordoned or uncordoned, when
// they have not changed for a while: until then another run may be at work.
func (j *run) intend(ctx context.Context, deploy bool) ([]rollout.Intention, error) {
	var watch rollout.Watch
	for {
		apps, lists, err := j.look(ctx)
		if err != nil {
			return nil, err
		}
		j.still = map[string]string{}
		for i, a := range apps {
			j.still[a.Name] = newestMark(lists[i]).ID
		}
		now := time.Now()
		watch = watch.See(lists, now)
		todo, err := j.unfinished(rollout.Intent(apps, lists, deploy), lists)
		switch {
		case err != nil, len(todo) == 0, watch.Quiet(now), j.dry != nil:
			return todo, err
		case watch.TooLong(now):
			return nil, newError(ErrChanged, "another run keeps changing these apps: wait for it to finish, or stop it")
		}
		j.told.waiting(j, "a release was found half done: it is repaired when nothing has changed for 40 s, as another run may be at work")
		if err := sleep(ctx, quietLook); err != nil {
			return nil, err
		}
	}
}

// look lists all apps.
func (j *run) look(ctx context.Context) ([]rollout.App, []fleet.List, error) {
	lists := make([]fleet.List, len(j.apps))
	apps := make([]rollout.App, len(j.apps))
	err := each(ctx, j.apps, func(ctx context.Context, i int, a *app) (err error) {
		apps[i] = rollout.App{Name: a.Name, HealthTimeout: a.HealthTimeout, Smoke: a.Smoke}
		lists[i], err = a.list(ctx)
		return err
	})
	return apps, lists, err
}

// unfinished returns the intentions that cordon or uncordon something. All apps of
// such a release must be given.
func (j *run) unfinished(all []rollout.Intention, lists []fleet.List) (todo []rollout.Intention, err error) {
	for _, in := range all {
		switch {
		case in.Person != "":
			return nil, j.personFor(in, lists)
		case in.Rest || in.Goal.Aim == rollout.DrainOnly:
		case len(j.apps) < in.Size:
			return nil, refuse("release %s covers %d apps and is unfinished, but only %d were given: pass all of them", in.Goal.Apps[0].ID, in.Size, len(in.Apps))
		default:
			todo = append(todo, in)
		}
	}
	return todo, nil
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
