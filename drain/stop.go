package drain

import (
	"context"
	"errors"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Stop stops each machine, with the signal and the timeout of the app's fly.toml
// (kill_signal, kill_timeout), and hands its id on when it has stopped. It refuses
// a machine that is not cordoned, and one that "fly deploy" did not create. It does
// not look at connections: put [Steps.AwaitIdle] before it.
func (s *Steps) Stop(p *script.Pipe) *script.Pipe {
	return s.stages.Each(p, func(ctx context.Context, id string) error {
		_, err := s.app.stop(ctx, id, false, nil)
		return err
	})
}

// stop returns the row of a machine that has stopped, and nil for one that is gone.
// Before it stops one, it asks spared why it must not, unless that is nil. A machine
// whose deadline is over (late) need not stop if its host is out of reach.
func (a *app) stop(ctx context.Context, id string, late bool, spared func(fleet.List) string) (*fleet.Machine, error) {
	var giveUp time.Time // zero until it has been told to stop
	var never bool       // the list before this one showed that it never ran
	for since := time.Now().Add(-freshness); ; since = time.Now() {
		l, err := a.lists.Since(ctx, since)
		if err != nil {
			return nil, err
		}
		m := l.Find(id)
		dead := late && m != nil && !m.Reachable() && m.Managed() && m.Cordoned // as it was last seen
		switch {
		case m == nil || m.Gone():
			return nil, nil
		case dead:
		case !m.Reachable():
			return m, a.fault(id, flyctl.ErrTransient, "the host of machine %s is %s", id, m.HostStatus)
		case m.Thin:
			return m, a.fault(id, flyctl.ErrTransient, "the row of machine %s on the list is incomplete", id)
		case !m.Managed():
			return m, a.unmanaged(id)
		case !m.Cordoned:
			return m, a.mayServe(id)
		}
		if giveUp.IsZero() && spared != nil {
			if why := spared(l); why != "" {
				return m, a.fault(id, ErrNotIdle, "machine %s of %s is kept: %s", id, a.Name, why)
			}
		}
		switch {
		case dead:
			return m, nil
		case m.Stopped():
			if !giveUp.IsZero() {
				a.emitMachine(EventStopped, m)
			}
			return m, nil
		case m.NeverRan() && never:
			return m, nil
		case m.NeverRan(): // it may run by now
			never = true
			continue
		case giveUp.IsZero():
			how := m.Config.StopConfig
			err := a.fly.Stop(ctx, id, flyctl.StopOptions{StopConfig: how, Recheck: func(ctx context.Context) error { return a.stillCordoned(ctx, id) }})
			if errors.Is(err, flyctl.ErrMachineNotFound) {
				return nil, nil
			}
			if err != nil {
				return m, err
			}
			giveUp = time.Now().Add(max(how.Timeout, stopLeast) + stopMargin)
		case time.Now().After(giveUp):
			return m, a.fault(id, nil, "machine %s of %s is %s a minute after its kill_timeout: look at it", id, a.Name, m.State).mend(machineCommand("status", a.Name, id))
		}
		if err := sleep(ctx, a.release.ListEvery); err != nil {
			return m, err
		}
	}
}

// stillCordoned refuses a machine that somebody has taken back into traffic.
func (a *app) stillCordoned(ctx context.Context, id string) error {
	l, err := a.list(ctx)
	if m := l.Find(id); err == nil && m != nil && !m.Cordoned {
		err = a.mayServe(id)
	}
	return err
}

func (a *app) mayServe(id string) error {
	return a.refuse(id, "machine %s of %s is not cordoned, so it may serve: it is left alone", id, a.Name)
}
