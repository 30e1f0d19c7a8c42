package drain

import (
	"context"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/idle"
)

// Destroy stops each machine as Stop does, and destroys it. A machine that is gone
// already is done. It does not look at connections: put [Steps.AwaitIdle] before it.
func (s *Steps) Destroy(p *script.Pipe) *script.Pipe {
	return s.each(p, func(ctx context.Context, id string) error { return s.app.destroy(ctx, id, nil) })
}

// destroy stops and destroys a machine, unless spared says why it must not.
func (a *app) destroy(ctx context.Context, id string, spared func(fleet.List, string) string) error {
	m, err := a.stop(ctx, id, spared)
	if err != nil {
		return err
	}
	if m == nil { // not listed: flyctl knows whether it is gone, and refuses one that runs
		if !a.lists.hasShown(id) {
			return nil // it may be anybody's
		}
		m = &fleet.Machine{Machine: flyctl.Machine{ID: id}}
	}
	remove := a.fly.Destroy
	if idle.NeverRan(m.Machine) {
		remove = a.fly.DestroyForce
	}
	if err := remove(ctx, id); err != nil {
		return err
	}
	a.lists.forget(id)
	if err := a.awaitGone(ctx, id); err != nil {
		return err
	}
	a.emitMachine(EventDestroyed, m)
	return nil
}

// stillCordoned refuses a machine that somebody has taken back into traffic.
func (a *app) stillCordoned(ctx context.Context, id string) error {
	f, err := a.list(ctx)
	if err != nil {
		return err
	}
	if m := f.Find(id); m != nil && !m.Cordoned {
		return a.mayServe(id)
	}
	return nil
}

// awaitGone waits for the list to show a machine no more: flyctl takes any
// answer for a success.
func (a *app) awaitGone(ctx context.Context, id string) error {
	for begun := time.Now(); ; {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		if m := f.Find(id); m == nil || m.Gone() {
			return nil
		}
		if time.Since(begun) > listLag {
			return newError(flyctl.ErrTransient, "flyctl reported that machine %s of %s was destroyed, and after %v it is still listed", id, a.Name, listLag).about(a.Name, id)
		}
		if err := sleep(ctx, a.listEvery); err != nil {
			return err
		}
	}
}
