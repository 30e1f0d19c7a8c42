package drain

import (
	"context"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// lister shares one machine list among all who wait for one, so that the
// number of lists does not grow with the number of machines that are watched.
type lister struct {
	list  func(context.Context) ([]flyctl.Machine, error)
	turn  chan struct{} // held while listing, and while reading what follows
	begun time.Time
	last  fleet
}

// since gives a list that was begun at t or later.
func (l *lister) since(ctx context.Context, t time.Time) (fleet, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if l.last != nil && !l.begun.Before(t) {
		return l.last, nil
	}
	begun := time.Now()
	ms, err := l.list(ctx)
	if err != nil {
		return nil, err
	}
	l.begun, l.last = begun, append(fleet{}, ms...)
	return l.last, nil
}

// list gives a list that is begun now.
func (a *App) list(ctx context.Context) (fleet, error) { return a.listSince(ctx, time.Now()) }

func (a *App) listSince(ctx context.Context, t time.Time) (fleet, error) {
	a.client()
	return a.lists.since(ctx, t)
}
