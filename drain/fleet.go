package drain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// fleet is a machine list. Its methods give the words in which the phases are
// written: managed, open, takes traffic, green, blue.
type fleet []flyctl.Machine

func (f fleet) where(keep func(flyctl.Machine) bool) fleet {
	out := fleet{}
	for _, m := range f {
		if keep(m) {
			out = append(out, m)
		}
	}
	return out
}

// managed are the machines that "fly deploy" made. Nothing else is ever touched or counted.
func (f fleet) managed() fleet {
	return f.where(func(m flyctl.Machine) bool { return m.Managed() && !m.Gone() })
}

func (f fleet) open() fleet     { return f.where(func(m flyctl.Machine) bool { return !m.Cordoned }) }
func (f fleet) cordoned() fleet { return f.where(func(m flyctl.Machine) bool { return m.Cordoned }) }

// green are the machines of a release.
func (f fleet) green(id string) fleet {
	return f.managed().where(func(m flyctl.Machine) bool {
		mk, ok := markOf(m)
		return ok && mk.id == id
	})
}

// blue are the machines that were there before a release, and those of an
// earlier release that was at work at the same time, and came to its end.
func (f fleet) blue(mk mark) fleet {
	began := f.began(mk)
	return f.managed().where(func(m flyctl.Machine) bool {
		own, ok := markOf(m)
		return own.id != mk.id && (!m.CreatedAt.After(began) || ok && own.id < mk.id && f.serves(own))
	})
}

// began is when a release began: by its mark, or, where the clock by which that
// was made was ahead of Fly's, when the first of its machines was made.
func (f fleet) began(mk mark) time.Time {
	began := mk.time()
	for _, m := range f.green(mk.id) {
		if !m.CreatedAt.IsZero() {
			began = earlier(began, m.CreatedAt)
		}
	}
	return began
}

// late are the machines of earlier releases that were made after a release
// began: by a flyctl that outlived its run, or as copies of blue. They were never
// what was to be gone back to, and they leave with blue.
func (f fleet) late(mk mark) fleet {
	began := f.began(mk)
	return f.managed().where(func(m flyctl.Machine) bool {
		own, ok := markOf(m)
		return ok && own.id < mk.id && m.CreatedAt.After(began) && !f.serves(own)
	})
}

// serves tells whether the machines that a release was to have are open, and no others.
func (f fleet) serves(mk mark) bool {
	open := f.managed().open()
	return len(open) == mk.machines && len(open.green(mk.id)) == mk.machines
}

// leaving are the machines that a release, once it serves, drains: what was
// before it, and what of its own was not needed.
func (f fleet) leaving(mk mark) fleet {
	return slices.Concat(f.blue(mk), f.late(mk), f.green(mk.id)).cordoned()
}

func (f fleet) ids() []string {
	ids := make([]string, len(f))
	for i, m := range f {
		ids[i] = m.ID
	}
	return ids
}

func (f fleet) find(id string) (flyctl.Machine, bool) {
	i := slices.IndexFunc(f, func(m flyctl.Machine) bool { return m.ID == id })
	if i < 0 {
		return flyctl.Machine{}, false
	}
	return f[i], true
}

// pick gives the machines with these ids that are on the list.
func (f fleet) pick(ids []string) fleet {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	return f.where(func(m flyctl.Machine) bool { return wanted[m.ID] })
}

// takesTraffic tells whether the proxy sends connections to a machine: now, or,
// where the proxy has stopped it, as soon as one comes.
func takesTraffic(m flyctl.Machine) bool {
	if m.Cordoned || len(m.Config.Services) == 0 || m.Standby() || !m.Reachable() {
		return false
	}
	return m.Healthy() || m.Stopped() && m.Autostarts() && !m.Crashed()
}

// mayTake tells whether a proxy that knows of no cordon may send a machine
// connections: all that keeps it from that are the checks of its services. Of one
// on a host that Fly cannot reach nobody knows.
func mayTake(m flyctl.Machine) bool {
	return !m.Reachable() || m.Started() && slices.ContainsFunc(m.Config.Services, func(s flyctl.Service) bool {
		return len(s.Checks) == 0 || slices.ContainsFunc(m.Checks, func(c flyctl.Check) bool { return c.Status != "critical" })
	})
}

// ifOpen are the machines as they would be if none were cordoned.
func (f fleet) ifOpen() fleet {
	out := slices.Clone(f)
	for i := range out {
		out[i].Cordoned = false
	}
	return out
}

// spare parts the open ones of some machines of the fleet into those that can be
// cordoned and those that are kept, as fewer than are needed take traffic in their
// place without them: also one that does not now, and may again.
func (f fleet) spare(some fleet, needed map[place]int) (spare, kept fleet) {
	now := f.serving()
	for _, m := range f.pick(some.ids()).open() {
		p := place{m.Group(), m.Region}
		left := now[p]
		if takesTraffic(m) {
			left--
		}
		if left < needed[p] {
			kept = append(kept, m)
			continue
		}
		now[p] = left
		spare = append(spare, m)
	}
	return spare, kept
}

// place is where the proxy looks for a machine: what is lost in one region is
// not made up for in another.
type place struct{ group, region string }

func (p place) String() string { return fmt.Sprintf("group %s in %s", p.group, p.region) }

// serving counts the machines that take traffic, by place.
func (f fleet) serving() map[place]int {
	n := map[place]int{}
	for _, m := range f.managed() {
		if takesTraffic(m) {
			n[place{m.Group(), m.Region}]++
		}
	}
	return n
}

// Machines gives all machines of the app that "fly deploy" manages.
func (a *App) Machines(ctx context.Context) ([]flyctl.Machine, error) {
	return a.managedSince(ctx, time.Now())
}

func (a *App) managedSince(ctx context.Context, t time.Time) (fleet, error) {
	f, err := a.listSince(ctx, t)
	if err != nil {
		return nil, err
	}
	if ms := f.managed(); len(ms) > 0 || a.First {
		return ms, nil
	}
	// In April 2026 a fault at Fly showed live apps as empty, and deploys doubled them.
	return nil, fmt.Errorf("%w: flyctl lists none of %s that fly deploy manages: if the app is new, say so (First, -first)", ErrEmpty, a.Name)
}

// Blue gives the machines that are in service now: managed, and not cordoned.
// Machines that are cordoned already drain from an earlier release, or were
// taken out by somebody else.
func (a *App) Blue(ctx context.Context) ([]flyctl.Machine, error) {
	ms, err := a.Machines(ctx)
	if err != nil {
		return nil, err
	}
	return fleet(ms).open(), nil
}

// known gives the rows of these machines. One that is not managed is refused;
// one that is not on the list has gone, and is left out.
func (a *App) known(f fleet, ids []string) (fleet, error) {
	for _, id := range ids {
		if err := flyctl.ValidateID(id); err != nil {
			return nil, err
		}
		if m, ok := f.find(id); ok && !m.Managed() {
			return nil, refuse("machine %s is not managed by fly deploy: it is left alone", id)
		}
	}
	return f.pick(ids).where(func(m flyctl.Machine) bool { return !m.Gone() }), nil
}
