package drain

import (
	"context"
	"fmt"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/intent"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// Rollback takes all apps back to an older release that still drains: the newest that
// served before this one and is whole. It checks its machines, starts those that are stopped, uncordons them, and
// drains the newer ones instead. Then it makes a release entry with the old image,
// without touching a machine, so that later fly commands do not bring the bad release
// back. Where no release is whole any more, it does nothing and says so. A Bake keeps
// blue whole for that long.
func (r Release) Rollback(ctx context.Context) (Report, error) { return r.run(ctx, (*run).rollback) }

func (j *run) rollback(ctx context.Context) error {
	j.tellPhase(PhaseCheck, nil)
	g := facts.Goal{Aim: facts.Forward, Rollback: true, Spread: j.Propagation, Background: j.Background, Bake: j.Bake}
	lists, err := j.listAll(ctx)
	if err != nil {
		return j.conclude(rollout.Decision{Done: rollout.Undone}, err)
	}
	for i, a := range j.apps {
		if held := lists[i].Managed().Cordoned(); len(held) > 0 && len(held) == len(lists[i].Managed()) {
			none := person("no machine serves: uncordon the machines of one release", uncordonCommands(a.Name, held))
			return j.conclude(rollout.Decision{Done: rollout.Undone}, fmt.Errorf("%s: %w", a.Name, none))
		}
	}
	older, err := intent.Predecessors(j.names(), lists)
	if err != nil {
		return j.conclude(rollout.Decision{Done: rollout.Undone}, j.notRolledBack(lists, err))
	}
	for i, a := range j.apps {
		before, app := fleet.BeforeOf(lists[i]), a.goal()
		app.Older, app.Before = older[i].IDs(), &before
		g.Apps = append(g.Apps, app)
		a.image = older[i][0].ImageRef.String()
	}
	return j.conclude(j.reach(ctx, j.apps, g))
}

// notRolledBack is the error of a rollback that is not possible, with the command that
// deploys the image of the newest release that served before and still drains.
func (j *run) notRolledBack(lists []fleet.List, why error) error {
	command := j.again(opDeploy)
	for i, a := range j.apps {
		served := intent.Lineage(lists[i])
		if len(served) == 0 {
			return newError(ErrRefused, "%w: deploy the old image instead; fly releases --image -a %s lists it", why, a.Name)
		}
		ref := served[0].ImageRef.String()
		if len(j.apps) > 1 {
			ref = a.Name + "=" + ref
		}
		command += " -image " + ref
	}
	return newError(ErrRefused, "%w: deploy the old image instead", why).mend(command)
}
