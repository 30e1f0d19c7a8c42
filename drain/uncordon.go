package drain

import (
	"context"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Uncordon uncordons all machines, or none: they get new connections. It does not
// look at their health: put [Steps.AwaitHealthy] before it. It refuses a machine
// that "fly deploy" did not create. One that is gone is an error, as a cordon of
// blue must not follow.
func (s *Steps) Uncordon(p *script.Pipe) *script.Pipe { return s.stages.All(p, s.app.uncordon) }

func (a *app) uncordon(ctx context.Context, ids []string) error {
	_, ms, err := a.known(ctx, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !ms.Has(id) {
			return a.fault(id, flyctl.ErrMachineNotFound, "machine %s of %s is not listed", id, a.Name)
		}
	}
	ms = ms.Cordoned()
	note := func() { a.turns.Note(false, ms.IDs()...) }
	note()       // a command that fails may have worked
	defer note() // the propagation time begins when a list shows it
	return a.turn(ctx, ms, false)
}
