package drain

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// lister shares one machine list among all who wait for one, so that the number
// of lists does not grow with the number of machines that are watched. And it
// doubts: Fly has answered with lists that were empty, or short of whole regions.
// One that lacks a machine which was there, and which we did not destroy, is asked
// for again, and believed when it has been so for listLag; an empty one never is.
// https://fly.io/infra-log/machines-api-duplicates/
type lister struct {
	list  func(context.Context) ([]flyctl.Machine, error)
	every time.Duration // between two lists
	turn  chan struct{} // held while listing, and while reading what follows
	begun time.Time
	last  fleet.List

	mu    sync.Mutex                // of what follows: who doubts a list hears of a destroy
	known map[string]bool           // managed machines that there are (true), or that we have destroyed (false)
	good  map[string]*fleet.Machine // each machine's last row that said what it is
}

func newLister(list func(context.Context) ([]flyctl.Machine, error), every time.Duration) *lister {
	return &lister{list: list, every: every, turn: make(chan struct{}, 1), known: map[string]bool{}, good: map[string]*fleet.Machine{}}
}

// take waits for the turn; give ends it.
func (l *lister) take(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *lister) give() { <-l.turn }

// since returns a list that was begun at t or later, and that is not doubted.
func (l *lister) since(ctx context.Context, t time.Time) (fleet.List, error) {
	if err := l.take(ctx); err != nil {
		return nil, err
	}
	defer l.give()
	if l.last != nil && !l.begun.Before(t) {
		return l.last, nil
	}
	for doubted := time.Now(); ; {
		begun := time.Now()
		f, err := l.ask(ctx)
		if err != nil {
			return nil, err
		}
		missing := l.missing(f)
		if missing == 0 || len(f) > 0 && begun.Sub(doubted) >= listLag {
			l.begun, l.last = begun, f
			l.learn(f)
			return f, nil
		}
		if begun.Sub(doubted) >= listLag {
			return nil, newError(flyctl.ErrTransient, "flyctl lists no machines, and there were %d: an empty list is not believed", missing)
		}
		if err := sleep(ctx, l.every); err != nil {
			return nil, err
		}
	}
}

// now returns a list that is begun now, whatever it lacks: its caller doubts.
func (l *lister) now(ctx context.Context) (fleet.List, error) {
	if err := l.take(ctx); err != nil {
		return nil, err
	}
	defer l.give()
	begun := time.Now()
	f, err := l.ask(ctx)
	if err == nil && l.missing(f) == 0 {
		l.begun, l.last = begun, f
		l.learn(f)
	}
	return f, err
}

// ask lists the machines, as far as the rows can be believed.
func (l *lister) ask(ctx context.Context) (fleet.List, error) {
	rows, err := l.list(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f := fleet.Believe(rows, func(id string) *fleet.Machine { return l.good[id] })
	for _, m := range f {
		if !m.Thin {
			l.good[m.ID] = m
		}
	}
	return f, nil
}

// latest returns the last list that was believed, nil for none.
func (l *lister) latest() fleet.List {
	l.turn <- struct{}{}
	defer l.give()
	return l.last
}

// missing counts the machines that a list lacks.
func (l *lister) missing(f fleet.List) (n int) {
	listed := make(map[string]bool, len(f))
	for _, m := range f {
		listed[m.ID] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, here := range l.known {
		if here && !listed[id] {
			n++
		}
	}
	return n
}

// learn takes what a believed list shows as what there is.
func (l *lister) learn(f fleet.List) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, here := range l.known {
		if here {
			delete(l.known, id)
		}
	}
	for _, m := range f.Managed() {
		if _, destroyed := l.known[m.ID]; !destroyed {
			l.known[m.ID] = true
		}
	}
}

// hasShown reports whether a list has shown a managed machine.
func (l *lister) hasShown(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, shown := l.known[id]
	return shown
}

// forget says that a machine has been destroyed, so that no list need have it.
func (l *lister) forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[id] = false
}

// final reports whether machines could not be listed for a reason that time does not mend.
func final(err error) bool {
	return slices.ContainsFunc([]error{flyctl.ErrUsage, flyctl.ErrNotInstalled, flyctl.ErrTooOld, flyctl.ErrUnauthorized, flyctl.ErrAppNotFound},
		func(reason error) bool { return errors.Is(err, reason) })
}
