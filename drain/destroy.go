package drain

import (
	"context"
	"fmt"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Destroy stops each machine as Stop does, and destroys it. A machine that is gone
// already is done. It does not look at connections: put [Steps.AwaitIdle] before it.
func (s *Steps) Destroy(p *script.Pipe) *script.Pipe {
	return s.stages.Each(p, func(ctx context.Context, id string) error { return s.app.destroy(ctx, id, false, nil) })
}

// destroy stops and destroys a machine, unless spared says why it must not. One that is
// late and on a host that Fly cannot reach is destroyed when Fly can again: Fly notes it.
func (a *app) destroy(ctx context.Context, id string, late bool, spared func(fleet.List) string) error {
	m, err := a.stop(ctx, id, late, spared)
	if err != nil {
		return err
	}
	if m == nil { // not listed: flyctl knows whether it is gone, and refuses one that runs
		if !a.lists.HasShown(id) {
			return nil // it may be anybody's
		}
		m = fleet.Unlisted(id)
	}
	remove := a.fly.Destroy
	if m.NeverRan() || !m.Reachable() {
		remove = a.fly.DestroyForce
	}
	if err := remove(ctx, id); err != nil {
		return err
	}
	if !m.Reachable() {
		a.warn(fmt.Sprintf("machine %s is to be destroyed, and Fly cannot reach its host: Fly destroys it when it can", id))
		return nil
	}
	a.lists.Forget(id)
	gone, err := a.shows(ctx, func(l fleet.List) bool { m := l.Find(id); return m == nil || m.Gone() })
	switch {
	case err != nil:
		return err
	case !gone:
		return a.fault(id, flyctl.ErrTransient, "flyctl reported that machine %s of %s was destroyed, but after %v it is still listed", id, a.Name, fleet.ListLag)
	}
	a.emitMachine(EventDestroyed, m)
	return nil
}
