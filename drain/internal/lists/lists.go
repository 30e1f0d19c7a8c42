// Package lists keeps the machine list of one app: it shares each among all who wait
// for one, and doubts what Fly has answered.
package lists

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Lists shares one machine list among all who wait for one, so that the number
// of lists does not grow with the number of machines that are watched. And it
// doubts: Fly has answered with lists that were empty, or short of whole regions.
// If a list lacks a machine that was there and that we did not destroy, it asks again,
// and believes it after [fleet.ListLag]. It never believes an empty one.
// https://fly.io/infra-log/machines-api-duplicates/
type Lists struct {
	list  func(context.Context) ([]flyctl.Machine, error)
	every time.Duration // between two lists
	turn  chan struct{} // held while listing

	mu    sync.Mutex // of what follows
	begun time.Time
	last  fleet.List
	known map[string]bool           // managed machines that there are (true), or that we have destroyed (false)
	good  map[string]*fleet.Machine // each machine's last row that said what it is
}

// New returns the lists of an app that has none yet. Every is the least time between two.
func New(list func(context.Context) ([]flyctl.Machine, error), every time.Duration) *Lists {
	return &Lists{list: list, every: every, turn: make(chan struct{}, 1), known: map[string]bool{}, good: map[string]*fleet.Machine{}}
}

// Since returns a list that was begun at t or later, and that is not doubted.
func (l *Lists) Since(ctx context.Context, t time.Time) (fleet.List, error) {
	return l.inTurn(ctx, func() (fleet.List, error) {
		if last := l.Latest(); last != nil && !l.begun.Before(t) {
			return last, nil
		}
		for doubted := time.Now(); ; {
			begun := time.Now()
			f, missing, err := l.ask(ctx)
			if err != nil {
				return nil, err
			}
			long := begun.Sub(doubted) >= fleet.ListLag
			if missing == 0 || len(f) > 0 && long {
				l.learn(f, begun)
				return f, nil
			}
			if long {
				return nil, fmt.Errorf("%w: flyctl lists no machines, but there were %d: an empty list is not believed", flyctl.ErrTransient, missing)
			}
			select {
			case <-time.After(l.every):
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
	})
}

// Now returns a list that was begun at t or later, whatever it lacks, and when that
// was: its caller doubts.
func (l *Lists) Now(ctx context.Context, t time.Time) (f fleet.List, begun time.Time, err error) {
	f, err = l.inTurn(ctx, func() (fleet.List, error) {
		if begun = l.begun; !begun.Before(t) {
			return l.Latest(), nil
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

func (l *Lists) inTurn(ctx context.Context, list func() (fleet.List, error)) (fleet.List, error) {
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
func (l *Lists) ask(ctx context.Context) (f fleet.List, missing int, err error) {
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
func (l *Lists) learn(f fleet.List, begun time.Time) {
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

// Latest returns the last list that was believed, or nil.
func (l *Lists) Latest() fleet.List {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Row returns the last row that said what a machine is, or else only its id.
func (l *Lists) Row(id string) *fleet.Machine {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := l.good[id]; m != nil {
		return m
	}
	return fleet.Unlisted(id)
}

// HasShown reports whether a list has shown a managed machine.
func (l *Lists) HasShown(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, shown := l.known[id]
	return shown
}

// Forget says that a machine has been destroyed, so that no list need have it.
func (l *Lists) Forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[id] = false
}
