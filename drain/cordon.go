package drain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Cordon takes machines out of traffic: they get no new connection, and keep
// the ones they have. It refuses to cordon anything when, in a group and region
// where machines take traffic, none would be left that does; when a machine is
// not managed by "fly deploy"; and when an id is odd. A machine that is gone is
// left out. Routing state spreads by gossip: a connection can still land for
// some seconds.
func (a *App) Cordon(ctx context.Context, ids ...string) error {
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
	before := f.serving()
	after := f.where(func(m flyctl.Machine) bool { return !slices.Contains(ids, m.ID) }).serving()
	for p, n := range before {
		if n > 0 && after[p] == 0 {
			return refuse("cordoning %d machines of %s would leave no machine that takes traffic in %s", len(ms), a.Name, p)
		}
	}
	return a.cordon(ctx, ms)
}

// cordon does so without a look at what is left. What has gone takes no traffic.
func (a *App) cordon(ctx context.Context, ms fleet) error {
	ms = ms.open()
	if err := a.shut(ctx, ms); err != nil {
		return err
	}
	return a.confirm(ctx, ms.ids(), true)
}

// shut cordons machines without waiting for the list to show it.
func (a *App) shut(ctx context.Context, ms fleet) error {
	errs := a.switchAll(ctx, ms, a.client().Cordon, func(m flyctl.Machine) {
		a.cordonedAt.Store(m.ID, time.Now())
		a.emitMachine(Cordoned, m)
	})
	gone := func(err error) bool { return errors.Is(err, flyctl.ErrMachineNotFound) }
	return errors.Join(slices.DeleteFunc(errs, gone)...)
}

// Uncordon lets machines take traffic. It does not look whether they are
// healthy: put [App.AwaitHealthy] before it. A machine that is not managed by
// "fly deploy" is refused; one that is gone is an error, as green that is gone
// must not be followed by a cordon of blue.
func (a *App) Uncordon(ctx context.Context, ids ...string) error {
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
		if _, here := ms.find(id); !here {
			return fmt.Errorf("%w: machine %s of %s is not listed", flyctl.ErrMachineNotFound, id, a.Name)
		}
	}
	return a.uncordon(ctx, ms)
}

func (a *App) uncordon(ctx context.Context, ms fleet) error {
	ms = ms.cordoned()
	if err := a.open(ctx, ms); err != nil {
		return err
	}
	return a.confirm(ctx, ms.ids(), false)
}

// open uncordons machines without waiting for the list to show it.
func (a *App) open(ctx context.Context, ms fleet) error {
	return errors.Join(a.switchAll(ctx, ms, a.client().Uncordon, func(m flyctl.Machine) {
		a.cordonedAt.Delete(m.ID)
		a.emitMachine(Opened, m)
	})...)
}

// switchAll runs one command a machine, side by side, and tells of each as it
// is done. What fails does not keep the others from being done.
func (a *App) switchAll(ctx context.Context, ms fleet, command func(context.Context, ...string) error, done func(flyctl.Machine)) (failed []error) {
	errs := make(chan error)
	for _, m := range ms {
		go func() {
			err := command(ctx, m.ID)
			if err == nil {
				done(m)
			}
			errs <- err
		}()
	}
	for range ms {
		if err := <-errs; err != nil {
			failed = append(failed, err)
		}
	}
	return failed
}

// confirm waits for the list to show machines as cordoned, or as not: it can lag,
// and flyctl takes any answer for a success.
func (a *App) confirm(ctx context.Context, ids []string, cordoned bool) error {
	if len(ids) == 0 {
		return nil
	}
	for begun := time.Now(); ; {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		late := f.pick(ids).where(func(m flyctl.Machine) bool { return m.Cordoned != cordoned })
		if len(late) == 0 {
			return nil
		}
		if time.Since(begun) > listLag {
			return fmt.Errorf("%w: flyctl says that %s was done, and after %v the list still shows cordoned=%v", ErrChanged, strings.Join(late.ids(), " "), listLag, !cordoned)
		}
		if err := sleep(ctx, a.tick()); err != nil {
			return err
		}
	}
}
