package drain

import (
	"context"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Machines is a source: the ids of all machines that "fly deploy" created. Where
// there are none, that is an error, unless the release is the first one.
func (s *Steps) Machines() *script.Pipe {
	return s.machines(func(ctx context.Context) (fleet.List, error) { return s.app.machines(ctx, time.Now()) })
}

// machines returns the managed machines, by a list that was begun at t or later.
func (a *app) machines(ctx context.Context, t time.Time) (fleet.List, error) {
	f, err := a.listSince(ctx, t)
	if err != nil {
		return nil, err
	}
	return a.managed(f)
}

// managed returns a list's managed machines. None at all is an error, unless the
// release is the first one.
func (a *app) managed(f fleet.List) (fleet.List, error) {
	if ms := f.Managed(); len(ms) > 0 || a.first {
		return ms, nil
	}
	// In April 2026 a fault at Fly showed live apps as empty, and deploys doubled them.
	return nil, newError(ErrEmpty, "flyctl lists no machine of %s that fly deploy created: if the app is new, say so (First, -first)", a.Name).about(a.Name, "")
}

// known returns the rows of these machines. One that is not managed is refused;
// one that is not on the list is gone, and is left out.
func (a *app) known(f fleet.List, ids []string) (fleet.List, error) {
	for _, id := range ids {
		if err := flyctl.ValidateID(id); err != nil {
			return nil, err
		}
		if m := f.Find(id); m != nil && !m.Managed() {
			return nil, a.unmanaged(id)
		}
	}
	return f.Pick(ids).Managed(), nil
}

func (a *app) unmanaged(id string) *Error {
	return refuse("machine %s is not managed by fly deploy: it is left alone", id).about(a.Name, id)
}
