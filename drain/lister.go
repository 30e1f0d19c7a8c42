package drain

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// lister shares one machine list among all who wait for one, so that the number
// of lists does not grow with the number of machines that are watched. And it
// doubts: Fly has answered with lists that were empty, or short of whole regions.
// If a list lacks a machine that was there and that we did not destroy, it asks again,
// and believes it after listLag. It never believes an empty one.
// https://fly.io/infra-log/machines-api-duplicates/
type lister struct {
	list  func(context.Context) ([]flyctl.Machine, error)
	every time.Duration // between two lists
	turn  chan struct{} // held while listing

	mu    sync.Mutex // of what follows
	begun time.Time
	last  fleet.List
	known map[string]bool           // managed machines that there are (true), or that we have destroyed (false)
	good  map[string]*fleet.Machine // each machine's last row that said what it is
}

func newLister(list func(context.Context) ([]flyctl.Machine, error), every time.Duration) *lister {
	return &lister{list: list, every: every, turn: make(chan struct{}, 1), known: map[string]bool{}, good: map[string]*fleet.Machine{}}
}

// since returns a list that was begun at t or later, and that is not doubted.
func (l *lister) since(ctx context.Context, t time.Time) (fleet.List, error) {
	return l.inTurn(ctx, func() (fleet.List, error) {
		if last := l.latest(); last != nil && !l.begun.Before(t) {
			return last, nil
		}
		for doubted := time.Now(); ; {
			begun := time.Now()
			f, missing, err := l.ask(ctx)
			if err != nil {
				return nil, err
			}
			long := begun.Sub(doubted) >= listLag
			if missing == 0 || len(f) > 0 && long {
				l.learn(f, begun)
				return f, nil
			}
			if long {
				return nil, newError(flyctl.ErrTransient, "flyctl lists no machines, but there were %d: an empty list is not believed", missing)
			}
			if err := sleep(ctx, l.every); err != nil {
				return nil, err
			}
		}
	})
}

// now returns a list that was begun at t or later, whatever it lacks, and when that
// was: its caller doubts.
func (l *lister) now(ctx context.Context, t time.Time) (f fleet.List, begun time.Time, err error) {
	f, err = l.inTurn(ctx, func() (fleet.List, error) {
		if begun = l.begun; !begun.Before(t) {
			return l.latest(), nil
		}
		begun = time.Now()
		f, missing, err := l.ask(ctx)
		if err == nil && missing == 0 {
			l.learn(f, begun)
		}
		return f, err
	})
	return f, begun, err
}

func (l *lister) inTurn(ctx context.Context, list func() (fleet.List, error)) (fleet.List, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
		return list()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ask lists the machines, as far as the rows can be believed, and counts those that
// the list lacks.
func (l *lister) ask(ctx context.Context) (f fleet.List, missing int, err error) {
	rows, err := l.list(ctx)
	if err != nil {
		return nil, 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f = fleet.Believe(rows, func(id string) *fleet.Machine { return l.good[id] })
	listed := make(map[string]bool, len(f))
	for _, m := range f {
		listed[m.ID] = true
		if !m.Thin {
			l.good[m.ID] = m
		}
	}
	for id, here := range l.known {
		if here && !listed[id] {
			missing++
		}
	}
	return f, missing, nil
}

// learn takes what a believed list shows as what there is.
func (l *lister) learn(f fleet.List, begun time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun, l.last = begun, f
	maps.DeleteFunc(l.known, func(_ string, here bool) bool { return here })
	for _, m := range f.Managed() {
		if _, destroyed := l.known[m.ID]; !destroyed {
			l.known[m.ID] = true
		}
	}
}

// latest returns the last list that was believed, or nil.
func (l *lister) latest() fleet.List {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// row returns the last row that said what a machine is, or else only its id.
func (l *lister) row(id string) *fleet.Machine {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.good[id]; m != nil {
		return m
	}
	return unlisted(id)
}

// unlisted is a machine of which only the id is known.
func unlisted(id string) *fleet.Machine { return &fleet.Machine{Machine: flyctl.Machine{ID: id}} }

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
	return isAny(err, flyctl.ErrUsage, flyctl.ErrNotInstalled, flyctl.ErrTooOld, flyctl.ErrUnauthorized, flyctl.ErrAppNotFound)
}
