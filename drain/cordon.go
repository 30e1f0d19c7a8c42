package drain

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Cordon cordons all machines, or none: they get no new connection, and keep the
// ones they have. A machine that is gone is left out. It refuses
//
//   - a cordon after which, in a group and region where machines serve, none would;
//   - a cordon while routing may not know of an uncordon: while these Steps have
//     uncordoned another machine less than the propagation time ago. Put
//     [Steps.AwaitRouting] before it. What they have just uncordoned can be
//     cordoned again at any time;
//   - a machine that "fly deploy" did not create.
func (s *Steps) Cordon(p *script.Pipe) *script.Pipe { return s.stages.All(p, s.app.cordon) }

func (a *app) cordon(ctx context.Context, ids []string) error {
	if err := a.awaitedRouting(ids); err != nil {
		return err
	}
	l, ms, err := a.known(ctx, ids...)
	if err != nil {
		return err
	}
	after := l.Without(ms).Serving()
	for p, n := range l.Serving() {
		if n > 0 && after[p] == 0 {
			return a.refuse("", "cordoning %d machines of %s would leave no machine that serves in %s", len(ms), a.Name, p)
		}
	}
	return a.turn(ctx, ms.Uncordoned(), true)
}

// turn cordons or uncordons machines side by side, and waits for the list to show it.
// One that fails does not stop the others. A machine that is gone counts as cordoned.
func (a *app) turn(ctx context.Context, ms fleet.List, cordon bool) error {
	command, kind := a.fly.Uncordon, EventUncordoned
	if cordon {
		command, kind = a.fly.Cordon, EventCordoned
	}
	errs := make([]error, len(ms))
	var turning sync.WaitGroup
	for i, m := range ms {
		turning.Go(func() {
			err := command(ctx, m.ID)
			if err == nil {
				a.turns.Note(cordon, m.ID)
				a.emitMachine(kind, m)
			} else if !cordon || !errors.Is(err, flyctl.ErrMachineNotFound) {
				errs[i] = err
			}
		})
	}
	turning.Wait()
	if err := errors.Join(errs...); err != nil || len(ms) == 0 {
		return err
	}
	var late fleet.List
	shown, err := a.shows(ctx, func(l fleet.List) bool {
		late = l.Pick(ms.IDs()).Where(func(m *fleet.Machine) bool { return m.Cordoned != cordon })
		return len(late) == 0
	})
	if err == nil && !shown {
		err = a.fault("", ErrChanged, "flyctl reported success for %s, but after %v the list still shows cordoned=%v", strings.Join(late.IDs(), " "), fleet.ListLag, !cordon)
	}
	return err
}
