package drain

import (
	"context"
	"errors"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Uncordon uncordons all machines, or none: they get new connections. It does not
// look at their health: put [Steps.AwaitHealthy] before it. It refuses a machine
// that "fly deploy" did not create. One that is gone is an error, as a cordon of
// blue must not follow.
func (s *Steps) Uncordon(p *script.Pipe) *script.Pipe { return s.all(p, s.app.uncordonChecked) }

// uncordonChecked uncordons machines if all of them are there.
func (a *app) uncordonChecked(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	f, err := a.list(ctx)
	if err != nil {
		return err
	}
	ms, err := a.known(f, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !ms.Has(id) {
			return newError(flyctl.ErrMachineNotFound, "machine %s of %s is not listed", id, a.Name).about(a.Name, id)
		}
	}
	return a.uncordon(ctx, ms)
}

func (a *app) uncordon(ctx context.Context, ms fleet.List) error {
	ms = ms.Cordoned()
	if err := a.open(ctx, ms); err != nil {
		return err
	}
	if err := a.confirm(ctx, ms.IDs(), false); err != nil {
		return err
	}
	a.noteUncordoned(ms) // the propagation time begins when a list shows it
	return nil
}

// open uncordons machines without waiting for the list to show it.
func (a *app) open(ctx context.Context, ms fleet.List) error {
	a.noteUncordoned(ms) // a command that fails may have worked
	return errors.Join(a.switchAll(ctx, ms, a.fly.Uncordon, func(m *fleet.Machine) {
		a.cordonedAt.Delete(m.ID)
		a.noteUncordoned(fleet.List{m})
		a.emitMachine(EventUncordoned, m)
	})...)
}

func (a *app) noteUncordoned(ms fleet.List) {
	for _, m := range ms {
		a.uncordonedAt.Store(m.ID, time.Now())
	}
}
