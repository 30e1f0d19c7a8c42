package drain

import (
	"context"
	"fmt"
	"slices"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// Rollback takes all apps back to the release before, while that one still drains with
// all its machines: it checks them, uncordons them, and drains the newer ones instead. Then it makes a release entry with the old image, without touching a
// machine, so that later fly commands do not bring the bad release back. If several
// releases drain, or the one that drains has lost machines, it fails and changes
// nothing.
func (r Release) Rollback(ctx context.Context) (Report, error) { return r.run(ctx, (*run).rollback) }

func (j *run) rollback(ctx context.Context) error {
	j.tellPhase(PhaseCheck, nil)
	g := rollout.Goal{Aim: rollout.Forward, Rollback: true, Spread: j.Propagation, Background: j.Background, Bake: j.Bake}
	lists, err := j.listAll(ctx)
	if err != nil {
		return j.conclude(rollout.Decision{Done: rollout.Undone}, err)
	}
	for i, a := range j.apps {
		older, mk, err := predecessor(lists[i])
		if held := lists[i].Managed().Cordoned(); len(held) > 0 && len(held) == len(lists[i].Managed()) {
			err = person("no machine serves: uncordon the machines of one release", uncordonCommands(a.Name, held))
		}
		if err == nil && (mk.Apps != len(j.apps) || mk.ID != newestMark(lists[0]).ID) {
			err = newError(ErrRefused, "release %s covers %d apps: pass exactly these", mk.ID, mk.Apps)
		}
		if err != nil {
			return j.conclude(rollout.Decision{Done: rollout.Undone}, fmt.Errorf("%s: %w", a.Name, err))
		}
		before, app := fleet.BeforeOf(lists[i]), a.goal()
		app.Older, app.Before = older.IDs(), &before
		g.Apps = append(g.Apps, app)
		a.image = older[0].ImageRef.String()
	}
	return j.conclude(j.reach(ctx, j.apps, g))
}

func newestMark(l fleet.List) fleet.Mark {
	if marks := l.Marks(); len(marks) > 0 {
		return marks[0]
	}
	return fleet.Mark{}
}

// predecessor returns the one release that can take the newest one's place again,
// and the newest one's mark: it drains, nothing else does, and no machine of it is
// gone. A group that it never had, as its own mark shows, is not missed.
func predecessor(l fleet.List) (older fleet.List, mk fleet.Mark, err error) {
	mk = newestMark(l)
	parts := l.Part(mk.ID, nil, nil)
	older = slices.Concat(parts.Blue, parts.Earlier)
	if mk.ID == "" || len(parts.Green.Uncordoned()) == 0 || len(older) == 0 || len(older.Cordoned()) < len(older) {
		return nil, mk, newError(ErrRefused, "nothing to roll back to: no older release is still draining")
	}
	own := older[0].Mark
	if slices.ContainsFunc(older, func(m *fleet.Machine) bool { return m.Mark.ID != own.ID }) {
		return nil, mk, newError(ErrRefused, "several releases still drain, and flydrain cannot tell which one to go back to")
	}
	if own.ID != "" && len(older) < own.Machines {
		return nil, mk, newError(ErrRefused, "release %s is no longer whole: %d of its %d machines are left", own.ID, len(older), own.Machines)
	}
	have := older.Count()
	for p, n := range parts.Green.Uncordoned().Count() {
		if have[p] < n && (own.ID == "" || len(older.InGroup(p.Group)) > 0) {
			return nil, mk, newError(ErrRefused, "the release before is no longer whole: it has %d machines of %s, and the newest has %d", have[p], p, n)
		}
	}
	return older, mk, nil
}
