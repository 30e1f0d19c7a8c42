package drain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// freshness is how old a list may be by which a machine is stopped or destroyed.
const freshness = 5 * time.Second

// Stop stops machines, with the signal and the timeout that the app's fly.toml
// gives (kill_signal, kill_timeout), and returns when they have stopped. It
// refuses a machine that is not cordoned, or not managed by "fly deploy". It does
// not look at connections: put [App.AwaitIdle] before it.
func (a *App) Stop(ctx context.Context, ids ...string) error {
	return a.each(ids, func(id string) error { _, err := a.stop(ctx, id); return err })
}

// Destroy stops machines as [App.Stop] does, and destroys them. A machine that
// is gone already is what was wanted.
func (a *App) Destroy(ctx context.Context, ids ...string) error {
	return a.each(ids, func(id string) error { return a.destroy(ctx, id) })
}

// each does one thing for each id, side by side, and joins the errors.
func (a *App) each(ids []string, one func(id string) error) error {
	errs := make([]error, len(ids))
	var g errgroup.Group
	g.SetLimit(4 * flyctl.MaxParallel) // most of them wait for a machine to stop
	for i, id := range ids {
		g.Go(func() error { errs[i] = one(id); return nil })
	}
	_ = g.Wait()
	return errors.Join(errs...)
}

func (a *App) destroy(ctx context.Context, id string) error {
	m, err := a.stop(ctx, id)
	if err != nil {
		return err
	}
	if m.ID == "" { // not listed: flyctl knows whether it is gone, and refuses one that runs
		if !a.lists.hasShown(id) {
			return nil // it may be anybody's
		}
		m.ID = id
	}
	remove := a.client().Destroy
	if neverRan(m) {
		remove = a.fly.DestroyForce
	}
	if err := remove(ctx, id); err != nil {
		return err
	}
	a.lists.forget(id)
	if err := a.awaitGone(ctx, id); err != nil {
		return err
	}
	a.emitMachine(Destroyed, m)
	return nil
}

// stillCordoned refuses a machine that somebody has taken back into traffic.
func (a *App) stillCordoned(ctx context.Context, id string) error {
	f, err := a.list(ctx)
	if err != nil {
		return err
	}
	if m, here := f.find(id); here && !m.Cordoned {
		return refuse("machine %s of %s is not cordoned, so it may take traffic: it is left alone", id, a.Name)
	}
	return nil
}

// awaitGone waits for the list to show a machine no more: flyctl takes any
// answer for a success.
func (a *App) awaitGone(ctx context.Context, id string) error {
	for begun := time.Now(); ; {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		if m, here := f.find(id); !here || m.Gone() {
			return nil
		}
		if time.Since(begun) > listLag {
			return fmt.Errorf("%w: flyctl says that machine %s of %s was destroyed, and after %v it is still listed", flyctl.ErrTransient, id, a.Name, listLag)
		}
		if err := sleep(ctx, a.tick()); err != nil {
			return err
		}
	}
}

// neverRan tells whether a machine is in a state that a stop does not change,
// and in which it has no VM.
func neverRan(m flyctl.Machine) bool {
	return m.State == "created" || m.State == "failed" || m.State == "launch_failed"
}

// stop gives the machine's row when it has stopped, a zero one when it is gone.
func (a *App) stop(ctx context.Context, id string) (flyctl.Machine, error) {
	if err := flyctl.ValidateID(id); err != nil {
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
			return m, fmt.Errorf("%w: the host of machine %s is %s", flyctl.ErrTransient, id, m.HostStatus)
		case !m.Managed():
			return m, refuse("machine %s is not managed by fly deploy: it is left alone", id)
		case !m.Cordoned:
			return m, refuse("machine %s of %s is not cordoned, so it may take traffic: it is left alone", id, a.Name)
		case m.Stopped():
			if !asked.IsZero() {
				a.emitMachine(Stopped, m)
			}
			return m, nil
		case neverRan(m) && never:
			return m, nil
		case neverRan(m): // it may run by now
			never = true
			continue
		case asked.IsZero():
			how := m.Config.StopConfig
			recheck := func(ctx context.Context) error { return a.stillCordoned(ctx, id) }
			if err := a.client().Stop(ctx, id, flyctl.StopOptions{StopConfig: how, Recheck: recheck}); err != nil {
				if errors.Is(err, flyctl.ErrMachineNotFound) {
					return flyctl.Machine{}, nil
				}
				return m, err
			}
			asked = time.Now()
			giveUp = asked.Add(max(how.Timeout, 5*time.Second) + time.Minute)
		case time.Now().After(giveUp):
			return m, fmt.Errorf("machine %s of %s is %s a minute after its kill_timeout: look at it: fly machine status -a %s %s", id, a.Name, m.State, a.Name, id)
		}
		if err := sleep(ctx, a.tick()); err != nil {
			return m, err
		}
	}
}
