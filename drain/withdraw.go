package drain

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// withdraw takes green out of traffic, but for what blue does not make up for
// any more, and destroys what a list showed held before it could take any, unless
// it has been opened since. It gives what is left, to be drained. After an
// interrupt it only takes out of traffic.
func (p *preparation) withdraw(ctx context.Context) (left fleet, err error) {
	holding, cancel := p.budget.outlive(ctx, repairFor)
	defer cancel()
	left, err = p.holdAll(holding)
	if err != nil || ctx.Err() != nil {
		return left, err
	}
	return p.drop(ctx, left), nil
}

// holdAll cordons green until two lists in a row show none of it open: a
// machine whose making was cut short can be late in the list.
func (p *preparation) holdAll(ctx context.Context) (green fleet, err error) {
	for quiet := 0; ; {
		begun := time.Now()
		f, err := p.list(ctx)
		if err != nil {
			return green, fmt.Errorf("holding green of %s: %w", p.Name, err)
		}
		green = f.green(p.mark.id)
		p.witnessAll(f, begun)
		out := green.open()
		if p.opened {
			out, _ = f.spare(green, p.serving) // blue may not be what it was
		}
		if len(out) > 0 {
			quiet = 0
			if err := p.cordon(ctx, out); err != nil {
				return green, fmt.Errorf("holding green of %s: %w", p.Name, err)
			}
			continue
		}
		if quiet++; quiet < 2 {
			if err := sleep(ctx, p.listEvery); err != nil {
				return green, err
			}
		}
		if quiet == 2 {
			return p.holdUnlisted(ctx, f, green)
		}
	}
}

// holdUnlisted cordons what was made, and is not listed: a list can be short of
// a whole region.
func (p *preparation) holdUnlisted(ctx context.Context, f, green fleet) (fleet, error) {
	for _, cs := range p.clones {
		for _, c := range cs {
			if c.id != "" && p.births[c.id] == nil {
				p.births[c.id] = &birth{} // on no list so far
			}
		}
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(p.births)) {
		if _, here := f.find(id); here || p.lists.hasShown(id) { // or we have destroyed it
			continue
		}
		err := p.fly.Cordon(ctx, id)
		switch {
		case errors.Is(err, flyctl.ErrMachineNotFound):
			continue
		case err == nil:
			p.births[id].held = time.Now()
		}
		green = append(green, flyctl.Machine{ID: id, Cordoned: true})
		lost := newError(ErrChanged, "green machine %s is not listed: look for it", id)
		if err != nil {
			lost = newError(nil, "green machine %s is not listed: look for it: %w", id, err)
		}
		errs = append(errs, lost.about(p.Name, id).mend(machineCommand("status", p.Name, id)))
	}
	return green, errors.Join(errs...)
}

// drop destroys those held green machines that never could take traffic, when all
// proxies know that they are held, and gives the others.
func (p *preparation) drop(ctx context.Context, green fleet) (left fleet) {
	if err := p.awaitKnown(ctx, green); err != nil {
		p.warn(fmt.Sprintf("green machines are left, out of traffic: %v", err))
		return green
	}
	var leaving []string
	for _, m := range green {
		p.emitMachine(EventSurplus, m)
		if b := p.births[m.ID]; b != nil && b.inTime && p.known(b) && !p.opened {
			leaving = append(leaving, m.ID)
		} else {
			left = append(left, m)
		}
	}
	if err := eachOf(leaving, func(id string) error { return p.destroy(ctx, id) }); err != nil {
		p.warn(err.Error())
		left = append(left, green.pick(leaving)...)
	}
	return left
}

// awaitKnown returns when of each machine that was held in time a list has shown
// whether it could take traffic before all proxies knew of the hold.
func (p *preparation) awaitKnown(ctx context.Context, green fleet) error {
	deadline := time.Now().Add(p.propagation + listLag)
	waits := func(m flyctl.Machine) bool {
		b := p.births[m.ID]
		return b != nil && b.inTime && !p.known(b)
	}
	for !p.opened && len(green.where(waits)) > 0 && time.Now().Before(deadline) {
		if err := sleep(ctx, p.listEvery); err != nil {
			return err
		}
		begun := time.Now()
		f, err := p.list(ctx)
		if err != nil {
			return err
		}
		p.witnessAll(f, begun)
	}
	return nil
}

// known reports whether a list has shown the machine out of traffic when all
// proxies knew that it was held.
func (p *preparation) known(b *birth) bool { return b.shut.Sub(b.held) >= p.propagation }

// maybeOpen are the green machines that may take traffic, as far as is known.
func (p *preparation) maybeOpen() []string {
	var ids []string
	for id, b := range p.births {
		if p.opened || b.held.IsZero() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
