package drain

import (
	"context"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// Drain finishes the drains of superseded releases: of machines that are cordoned
// while a later release serves in their place. It cordons and uncordons nothing, so
// it can run beside a release, and from a scheduled job.
func (r Release) Drain(ctx context.Context) (Report, error) { return r.run(ctx, (*run).drain) }

func (j *run) drain(ctx context.Context) error { return j.drainAll(ctx, false) }

// drainAll drains what is superseded of all apps; after a repair, also what is left
// of releases that were taken back.
func (j *run) drainAll(ctx context.Context, resumed bool) error {
	g := rollout.Goal{Aim: rollout.DrainOnly, Resumed: resumed, Spread: j.Propagation, Bake: j.Bake}
	lists := make([]fleet.List, len(j.apps))
	if err := each(ctx, j.apps, func(ctx context.Context, i int, a *app) (err error) {
		lists[i], err = a.listSince(ctx, time.Now())
		return err
	}); err != nil {
		return j.conclude(rollout.Decision{Done: rollout.Draining}, err)
	}
	for i, a := range j.apps {
		app := rollout.App{Name: a.Name}
		if marks := lists[i].Marks(); len(marks) > 0 {
			app.ID = marks[0].ID
		}
		g.Apps = append(g.Apps, app)
	}
	return j.conclude(j.reach(ctx, j.apps, g))
}
