package drain

import (
	"context"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Autostop sets each machine to autostop "stop" and to destroy itself once it has
// stopped: step 5 of the request that flydrain comes from. It is here for comparison,
// not for a drain. The update REPLACES THE VM, which ends every connection.
// https://fly.io/docs/flyctl/machine-update/
//
// It refuses a machine that has connections, or whose connections are unknown. It
// looks twice, the first time a settle time after the cordon, and asks the same
// probes as AwaitIdle. It also refuses a machine that is not cordoned, and one that
// "fly deploy" did not create.
//
// # Autostop as a way to drain
//
// A setting without an update cuts less: auto_stop_machines = "stop" in fly.toml
// when green is created, so that each machine has it from the start. Then the proxy
// stops blue. A stopped machine is idle for [Steps.AwaitIdle] and [Release.Drain],
// which destroy it. Its limits:
//
//   - The proxy decides by soft_limit. It can stop a machine that has connections
//     when the others of its region have room for as many. If no connection is to be
//     cut, that fits only apps whose clients may be cut below soft_limit, such as
//     those with short requests.
//   - It looks every few minutes, and stops one machine a region at a time.
//   - Whether it looks at cordoned machines at all is not documented: keep the drain
//     running, or run it from time to time.
//   - It also stops machines that serve, when there is little to do. Starting them
//     again needs auto_start_machines = true.
//
// https://fly.io/docs/launch/autostop-autostart/
func (s *Steps) Autostop(p *script.Pipe) *script.Pipe { return s.each(p, s.app.autostop) }

func (a *app) autostop(ctx context.Context, id string) error {
	f, err := a.list(ctx)
	if err != nil {
		return err
	}
	ms, err := a.known(f, []string{id})
	if err != nil || len(ms) == 0 {
		return err
	}
	if !ms[0].Cordoned {
		return refuse("machine %s of %s is not cordoned, and its VM would be replaced while it serves", id, a.Name).
			about(a.Name, id).mend(machineCommand("cordon", a.Name, id))
	}
	if err := a.unconnected(ctx, ms[0]); err != nil {
		return err
	}
	return a.fly.Update(ctx, id, flyctl.UpdateOptions{Autostop: "stop", AutoDestroy: true})
}

// unconnected returns an error if a machine has connections, or may have, now or a
// moment later.
func (a *app) unconnected(ctx context.Context, m *fleet.Machine) error {
	if m.Stopped() || worker(m) && a.WorkerProbe == nil {
		return nil
	}
	known := time.Now() // of the cordon
	if at, ours := a.cordonedAt.Load(m.ID); ours {
		known = at.(time.Time)
	}
	known = known.Add(a.Settle)
	if err := sleep(ctx, time.Until(known)); err != nil {
		return err
	}
	for look := range 2 {
		if look > 0 {
			if err := sleep(ctx, a.Confirm); err != nil {
				return err
			}
		}
		r := a.count(ctx, fleet.List{m})[m.ID]
		if at := r.Time(); !at.IsZero() && at.Before(known) {
			return refuse("machine %s of %s: its last sample (%s) predates the cordon's propagation: retry shortly, or use the Sockets probe",
				m.ID, a.Name, at.Format(time.TimeOnly)).about(a.Name, m.ID)
		}
		if n, counted := r.Connections(); !counted || n > 0 {
			return refuse("machine %s of %s: %v, and its update would end them: put AwaitIdle before Autostop", m.ID, a.Name, r).about(a.Name, m.ID)
		}
	}
	return nil
}
