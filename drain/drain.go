package drain

import (
	"cmp"
	"context"
	"errors"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// Drain finishes the drains of superseded releases: where a later release serves in a
// cordoned machine's place, it destroys the machine when its last connection has ended.
// It cordons and uncordons nothing, so it can run beside a release, and from a scheduled
// job.
//
// Bake and Deadline count on from one run to the next. A run that has not seen a
// machine's cordon counts from a time that is not earlier, but for a late repair: the
// creation of the last machine of the release that serves, and then HealthTimeout,
// Propagation and a quarter of an hour for its Check and its commands. So give each run the same
// settings. Where a new release comes before a machine's deadline is over, and no run
// lasts that long, the deadline begins again. After a rollback or a repair of its own, for
// a release of others, or without a health timeout, a run counts from its own first look.
// It always takes the time to look, and to run OnDrain, which runs once in each machine in
// each run.
//
// A machine that a repair cordoned later than that time counts too early in the runs after
// it, by as much as the repair came later: finish the drain with the run that repaired, or
// without StopMachine.
func (r Release) Drain(ctx context.Context) (Report, error) { return r.run(ctx, (*run).drain) }

func (j *run) drain(ctx context.Context) error { return j.drainAll(ctx, false) }

// drainAll drains the superseded machines of all apps; after a repair, also those of
// releases that were taken back. An app that cannot be listed does not stop the others.
func (j *run) drainAll(ctx context.Context, resumed bool) error {
	j.tellPhase(PhaseDrain, nil)
	g := facts.Goal{Aim: facts.DrainOnly, Resumed: resumed, Spread: j.Propagation, Bake: j.Bake}
	var part []*app
	lists, denied := make([]fleet.List, len(j.apps)), make([]error, len(j.apps))
	_ = each(ctx, j.apps, func(ctx context.Context, i int, a *app) error {
		lists[i], denied[i] = a.list(ctx)
		return nil
	})
	for i, a := range j.apps {
		if denied[i] != nil {
			continue
		}
		app := a.goal()
		if j.halfway != "" {
			app.Within = 0 // the repair may have given cordons that the list would date by the release
		}
		if app.ID = lists[i].Newest().ID; resumed {
			app.ID = j.still[a.Name]
		}
		part, g.Apps = append(part, a), append(g.Apps, app)
	}
	unlisted := errors.Join(denied...)
	if len(part) == 0 {
		done := cmp.Or(j.halfway, rollout.Undone)
		if done == rollout.Reached {
			done = rollout.Draining
		}
		return j.conclude(rollout.Decision{Done: done}, unlisted)
	}
	err := j.conclude(j.reach(ctx, part, g))
	if unlisted != nil && j.report.Result == ResultDone {
		j.report.Result = ResultDraining
	}
	return errors.Join(unlisted, err)
}
