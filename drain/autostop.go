package drain

import (
	"cmp"
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
// With auto_stop_machines = "stop" in fly.toml when green is created, the proxy stops
// blue, and a stopped machine is idle for [Steps.AwaitIdle] and [Release.Drain]. But
// the proxy can stop a machine that still has connections, when the others of its
// region have room for them. It looks every few minutes, and stops one machine a
// region at a time; whether it looks at cordoned machines is not documented. It also
// stops machines that serve, and starts them again only with auto_start_machines = true.
// https://fly.io/docs/launch/autostop-autostart/
func (s *Steps) Autostop(p *script.Pipe) *script.Pipe { return s.stages.Each(p, s.app.autostop) }

func (a *app) autostop(ctx context.Context, id string) error {
	_, ms, err := a.known(ctx, id)
	if err != nil || len(ms) == 0 {
		return err
	}
	if !ms[0].Cordoned {
		return a.refuse(id, "machine %s of %s is not cordoned, and its VM would be replaced while it serves", id, a.Name).mend(machineCommand("cordon", a.Name, id))
	}
	if err := a.unconnected(ctx, ms[0]); err != nil {
		return err
	}
	return a.fly.Update(ctx, id, flyctl.UpdateOptions{Autostop: "stop", AutoDestroy: true})
}

// unconnected returns an error if a machine has connections, or may have, now or a
// moment later.
func (a *app) unconnected(ctx context.Context, m *fleet.Machine) error {
	if m.Stopped() || m.Worker() && a.WorkerProbe == nil {
		return nil
	}
	settled := cmp.Or(a.turns.Cordoned(m.ID), time.Now()).Add(a.Settle)
	pause := time.Until(settled)
	for range 2 {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = a.Confirm
		r := a.count(ctx, askAll, fleet.List{m})[m.ID]
		if at := r.Time(); !at.IsZero() && at.Before(settled) {
			return a.refuse(m.ID, "machine %s of %s: its last sample (%s) is from before all proxies knew of the cordon: try again in a moment, or use the Sockets probe",
				m.ID, a.Name, at.Format(time.TimeOnly))
		}
		if n, counted := r.Connections(); !counted || n > 0 {
			return a.refuse(m.ID, "machine %s of %s: %v, and its update would end them: put AwaitIdle before Autostop", m.ID, a.Name, r)
		}
	}
	return nil
}
