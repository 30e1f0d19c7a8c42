package drain

import (
	"context"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Machines is a source: the ids of all machines that "fly deploy" created. Where
// there are none, that is an error, unless the release is the first one.
func (s *Steps) Machines() *script.Pipe { return s.machines(s.app.machines) }

// machines returns the managed machines.
func (a *app) machines(ctx context.Context) (fleet.List, error) {
	l, err := a.list(ctx)
	if err != nil {
		return nil, err
	}
	return a.managed(l)
}

// managed returns a list's managed machines. None at all is an error, unless the
// release is the first one.
func (a *app) managed(l fleet.List) (fleet.List, error) {
	if ms := l.Managed(); len(ms) > 0 || a.release.First {
		return ms, nil
	}
	// In April 2026 a fault at Fly showed live apps as empty, and deploys doubled them.
	return nil, a.fault("", errEmpty, "flyctl lists no machine of %s that fly deploy created: if the app is new, say so (First, -first)", a.Name)
}

// known returns a new list, and the rows of these machines. One that is not managed
// is refused; one that is not listed is gone, and is left out.
func (a *app) known(ctx context.Context, ids ...string) (l, ms fleet.List, err error) {
	if l, err = a.list(ctx); err != nil {
		return nil, nil, err
	}
	for _, m := range l.Pick(ids) {
		if !m.Managed() {
			return nil, nil, a.unmanaged(m.ID)
		}
	}
	return l, l.Pick(ids).Managed(), nil
}

func (a *app) unmanaged(id string) *Error {
	return a.refuse(id, "machine %s is not managed by fly deploy: it is left alone", id)
}
