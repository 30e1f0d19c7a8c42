package drain

import (
	"context"
	"errors"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/idle"
)

// Stop stops each machine, with the signal and the timeout of the app's fly.toml
// (kill_signal, kill_timeout), and hands its id on when it has stopped. It refuses
// a machine that is not cordoned, and one that "fly deploy" did not create. It does
// not look at connections: put [Steps.AwaitIdle] before it.
func (s *Steps) Stop(p *script.Pipe) *script.Pipe {
	return s.each(p, func(ctx context.Context, id string) error {
		_, err := s.app.stop(ctx, id)
		return err
	})
}

// stop returns the row of a machine that has stopped, and a zero one for one that is gone.
func (a *app) stop(ctx context.Context, id string) (flyctl.Machine, error) {
	if err := flyctl.CheckID(id); err != nil {
		return flyctl.Machine{}, err
	}
	var asked, giveUp time.Time
	var never bool // the list before this one showed that it never ran
	for since := time.Now().Add(-freshness); ; since = time.Now() {
		f, err := a.listSince(ctx, since)
		if err != nil {
			return flyctl.Machine{}, err
		}
		m, here := f.find(id)
		switch {
		case !here || m.Gone():
			return flyctl.Machine{}, nil
		case !m.Reachable():
			return m, newError(flyctl.ErrTransient, "the host of machine %s is %s", id, m.HostStatus).about(a.Name, id)
		case m.Thin:
			return m, newError(flyctl.ErrTransient, "the row of machine %s on the list is incomplete", id).about(a.Name, id)
		case !m.Managed():
			return m, a.unmanaged(id)
		case !m.Cordoned:
			return m, a.mayServe(id)
		case m.Stopped():
			if !asked.IsZero() {
				a.emitMachine(EventStopped, m)
			}
			return m, nil
		case idle.NeverRan(m) && never:
			return m, nil
		case idle.NeverRan(m): // it may run by now
			never = true
			continue
		case asked.IsZero():
			how := m.Config.StopConfig
			if err := a.fly.Stop(ctx, id, how, func(ctx context.Context) error { return a.stillCordoned(ctx, id) }); err != nil {
				if errors.Is(err, flyctl.ErrMachineNotFound) {
					return flyctl.Machine{}, nil
				}
				return m, err
			}
			asked = time.Now()
			giveUp = asked.Add(max(time.Duration(how.Timeout), stopLeast) + stopMargin)
		case time.Now().After(giveUp):
			return m, newError(nil, "machine %s of %s is %s a minute after its kill_timeout: look at it", id, a.Name, m.State).about(a.Name, id).mend(machineCommand("status", a.Name, id))
		}
		if err := sleep(ctx, a.listEvery); err != nil {
			return m, err
		}
	}
}

// mayServe refuses a machine that is not cordoned.
func (a *app) mayServe(id string) *Error {
	return refuse("machine %s of %s is not cordoned, so it may serve: it is left alone", id, a.Name).about(a.Name, id)
}
