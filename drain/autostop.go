package drain

import (
	"context"
	"errors"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Autostop lets Fly's proxy stop machines when it finds them idle, and lets them
// destroy themselves when they have stopped: step 5 of the thread that flydrain
// comes from. It is here to be compared with, not to be used for a drain: the
// update REPLACES THE VM, which ends every connection, the very thing that a
// drain is to spare. https://fly.io/docs/flyctl/machine-update/
//
// So it refuses a machine that has connections, or of which the probe does not
// know, unless LoseConnections is set; and one that is not cordoned, or not
// managed by "fly deploy". The proxy then judges by soft_limit, every few
// minutes. https://fly.io/docs/launch/autostop-autostart/
func (a *App) Autostop(ctx context.Context, ids ...string) error {
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
	if open := ms.open(); len(open) > 0 {
		return refuse("machine %s is not cordoned, and its VM would be replaced while it takes traffic", open[0].ID)
	}
	if !a.LoseConnections {
		if err := a.unconnected(ctx, ms); err != nil {
			return err
		}
	}
	return a.each(ms.ids(), func(id string) error {
		return a.fly.Update(ctx, id, flyctl.UpdateOptions{Autostop: "stop", AutoDestroy: true})
	})
}

// unconnected gives an error when a machine has, or may have, connections.
func (a *App) unconnected(ctx context.Context, ms fleet) error {
	running := ms.where(func(m flyctl.Machine) bool { return !m.Stopped() && len(m.Config.Services) > 0 })
	readings := a.probe().Count(ctx, a.client(), running)
	var errs []error
	for _, m := range running {
		if n, known := readings[m.ID].Connections(); !known || n > 0 {
			errs = append(errs, refuse("machine %s: %v: its update would end them (LoseConnections lets it)", m.ID, readings[m.ID]))
		}
	}
	return errors.Join(errs...)
}
