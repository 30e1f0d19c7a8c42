package drain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

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
func (s *Steps) Cordon(p *script.Pipe) *script.Pipe {
	return s.all(p, func(ctx context.Context, ids []string) error {
		if err := s.app.awaitedRouting(ids); err != nil {
			return err
		}
		return s.app.cordonChecked(ctx, ids)
	})
}

// cordonChecked cordons machines if machines still serve in each place without them.
func (a *app) cordonChecked(ctx context.Context, ids []string) error {
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
	after := f.Without(ms).Serving()
	for p, n := range f.Serving() {
		if n > 0 && after[p] == 0 {
			return refuse("cordoning %d machines of %s would leave no machine that serves in %s", len(ms), a.Name, p).about(a.Name, "")
		}
	}
	return a.cordon(ctx, ms)
}

// cordon does so without a look at what is left. What is gone takes no traffic.
func (a *app) cordon(ctx context.Context, ms fleet.List) error {
	ms = ms.Uncordoned()
	if err := a.shut(ctx, ms); err != nil {
		return err
	}
	return a.confirm(ctx, ms.IDs(), true)
}

// shut cordons machines without waiting for the list to show it.
func (a *app) shut(ctx context.Context, ms fleet.List) error {
	errs := a.switchAll(ctx, ms, a.fly.Cordon, func(m *fleet.Machine) {
		a.cordonedAt.Store(m.ID, time.Now())
		a.uncordonedAt.Delete(m.ID)
		a.emitMachine(EventCordoned, m)
	})
	gone := func(err error) bool { return errors.Is(err, flyctl.ErrMachineNotFound) }
	return errors.Join(slices.DeleteFunc(errs, gone)...)
}

// switchAll runs one command a machine, side by side, and sends an event for each as it
// is done. What fails does not keep the others from being done.
func (a *app) switchAll(ctx context.Context, ms fleet.List, command func(context.Context, ...string) error, done func(*fleet.Machine)) (failed []error) {
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
func (a *app) confirm(ctx context.Context, ids []string, cordoned bool) error {
	if len(ids) == 0 {
		return nil
	}
	for begun := time.Now(); ; {
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		late := f.Pick(ids).Where(func(m *fleet.Machine) bool { return m.Cordoned != cordoned })
		if len(late) == 0 {
			return nil
		}
		if time.Since(begun) > listLag {
			return newError(ErrChanged, "flyctl reported success for %s, and after %v the list still shows cordoned=%v", strings.Join(late.IDs(), " "), listLag, !cordoned).about(a.Name, "")
		}
		if err := sleep(ctx, a.listEvery); err != nil {
			return err
		}
	}
}
