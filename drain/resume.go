package drain

import (
	"cmp"
	"context"
	"time"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/intent"
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
	j.tellPhase(PhaseCheck, nil)
	unfinished, err := j.intend(ctx, false)
	if err == nil {
		_, err = j.repair(ctx, unfinished, false)
	}
	if err != nil {
		return j.conclude(rollout.Decision{Done: cmp.Or(j.halfway, rollout.Undone)}, err) // without a repair nothing was begun
	}
	return j.drainAll(ctx, true)
}

// repair finishes or undoes unfinished releases. It reports whether a deploy found two
// releases that are both too small.
func (j *run) repair(ctx context.Context, unfinished []intent.Intention, deploy bool) (stuck bool, err error) {
	for _, in := range unfinished {
		part := make([]*app, len(in.Apps))
		for i, at := range in.Apps {
			part[i] = j.apps[at]
		}
		in.Goal.Spread, in.Goal.Check, in.Goal.Background = j.Propagation, j.Check != nil, true
		d, err := j.reach(ctx, part, in.Goal)
		j.halfway = d.Done
		if err == nil && !deploy && (d.Done == rollout.Person || d.Cause != nil) { // a new release takes the place of both, or looks again
			err = j.outcome(d)
		}
		if err != nil {
			return false, err
		}
		stuck = stuck || d.Done == rollout.Person
	}
	return stuck, nil
}

// intend reads from the machine lists what is to be cordoned or uncordoned of unfinished
// releases, when they have not changed for a while: until then another run may be at work.
// For a deploy, a release that only drains is finished.
func (j *run) intend(ctx context.Context, deploy bool) ([]intent.Intention, error) {
	apps := make([]facts.App, len(j.apps))
	var watch intent.Watch
	for {
		lists, err := j.listAll(ctx)
		if err != nil {
			return nil, err
		}
		j.still = map[string]string{}
		for i, a := range j.apps {
			apps[i], j.still[a.Name] = a.goal(), lists[i].Newest().ID
		}
		now := j.now()
		watch = watch.See(lists, now)
		todo, err := j.unfinished(intent.Of(apps, lists, deploy), lists)
		switch {
		case err != nil, len(todo) == 0, watch.Quiet(now):
			return todo, err
		case watch.TooLong(now):
			return nil, newError(ErrChanged, "another run keeps changing these apps: wait for it to finish, or stop it")
		}
		j.warnOnce("an unfinished release was found; it is repaired when nothing has changed for 40 s, because another run may still be at work on it")
		if j.wait(ctx, quietLook, time.Time{}); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// unfinished returns the intentions that cordon or uncordon something. All apps of
// such a release must be given.
func (j *run) unfinished(all []intent.Intention, lists []fleet.List) (todo []intent.Intention, err error) {
	for _, in := range all {
		switch {
		case in.Person != "":
			var commands []string
			for _, i := range in.Apps {
				commands = append(commands, uncordonCommands(j.apps[i].Name, lists[i].Managed().Cordoned())...)
			}
			return nil, person(in.Person, commands)
		case in.Rest || in.Goal.Aim == facts.DrainOnly:
		case in.Missing != "":
			return nil, newError(ErrRefused, "release %s covers %d apps and is unfinished: pass all of them, also %s", in.Goal.Apps[0].ID, in.Size, in.Missing)
		default:
			todo = append(todo, in)
		}
	}
	return todo, nil
}
