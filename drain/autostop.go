package drain

import (
	"context"
	"errors"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Autostop lets Fly's proxy stop machines when it finds them idle, and lets them
// destroy themselves when they have stopped: step 5 of the thread that flydrain
// comes from. It is here to be compared with, not to be used for a drain: the
// update REPLACES THE VM, which ends every connection, the very thing that a
// drain is to spare. https://fly.io/docs/flyctl/machine-update/
//
// So it refuses a machine that has connections on either of two looks, the first a
// settle time after its cordon, or of which the probe does not know, or tells of the
// time before that, unless LoseConnections is set; and one that is not cordoned, or
// not managed by "fly deploy". It asks the probes that AwaitIdle asks.
//
// # Autostop as a way to drain
//
// What needs no update cuts less: auto_stop_machines = "stop" in fly.toml when
// green is made, so that each machine has it from birth. Then the proxy stops blue,
// and a stopped machine is idle for [App.AwaitIdle] and [Release.Drain], which
// destroy it. Its limits:
//
//   - The proxy judges by soft_limit: it can stop a machine that has connections,
//     when the others of its region could take so many. Of apps that want no
//     connection cut, only those whose clients may be cut below soft_limit (short
//     requests, say) can use it.
//   - It looks every few minutes, and stops one machine a region at a time.
//   - Whether it looks at cordoned machines at all is not documented: keep the
//     drain running, or run it from time to time, and do not rely on the proxy.
//   - It stops machines that are in service too, when there is little to do. Starting
//     them again needs auto_start_machines = true.
//
// https://fly.io/docs/launch/autostop-autostart/
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

// unconnected gives an error when a machine has, or may have, connections, now or
// a moment later.
func (a *App) unconnected(ctx context.Context, ms fleet) error {
	running := ms.where(func(m flyctl.Machine) bool { return !m.Stopped() && !(worker(m) && a.WorkerProbe == nil) })
	if len(running) == 0 {
		return nil
	}
	known := time.Now() // of the cordons
	for _, m := range running {
		at, ours := a.cordonedAt.Load(m.ID)
		if !ours {
			at = time.Now()
		}
		known = later(known, at.(time.Time).Add(orDefault(a.Settle, settleTime)))
	}
	if err := sleep(ctx, time.Until(known)); err != nil {
		return err
	}
	for look := range 2 {
		if look > 0 {
			if err := sleep(ctx, orDefault(a.Confirm, 2*time.Second)); err != nil {
				return err
			}
		}
		readings := a.count(ctx, running)
		var errs []error
		for _, m := range running {
			r := readings[m.ID]
			if at := r.Time(); !at.IsZero() && at.Before(known) {
				errs = append(errs, refuse("machine %s: its last sample (%s) predates the cordon's propagation: retry shortly, or use the Sockets probe", m.ID, at.Format(time.TimeOnly)))
			} else if n, known := r.Connections(); !known || n > 0 {
				errs = append(errs, refuse("machine %s: %v: its update would end them (LoseConnections lets it)", m.ID, r))
			}
		}
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
	}
	return nil
}
