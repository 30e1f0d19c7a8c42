package drain

import (
	"context"
	"fmt"

	"github.com/bitfield/script"
	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Exec returns a step that runs a command in each machine, and hands its id on when
// the command has ended with exit code 0. There is no shell: the command is split into
// words. It has 20 s, and is run again when flyctl fails, so it must be safe to run
// twice. Before [Steps.AwaitIdle] it can ask an app to ask its clients to reconnect:
//
//	drain.Run(script.Slice(blue), s.Cordon, s.AwaitRouting, s.Exec("/app/server drain"), s.AwaitIdle, s.Destroy)
func (s *Steps) Exec(command string) Step {
	return func(p *script.Pipe) *script.Pipe {
		return s.stages.Each(p, func(ctx context.Context, id string) error { return s.app.command(ctx, id, command) })
	}
}

// command runs a command in a machine.
func (a *app) command(ctx context.Context, id, command string) error {
	res, err := a.fly.Exec(ctx, id, a.Container, command, commandFor)
	if err == nil && res.ExitCode != 0 {
		err = a.fault(id, nil, "in machine %s of %s, %q ended with exit code %d: %s", id, a.Name, command, res.ExitCode, flyctl.Printable(string(res.Stderr)))
	}
	return err
}

// onDrain runs the drain command in machines whose drain has begun. It may fail: then
// the machine drains without.
func (a *app) onDrain(ctx context.Context, ms fleet.List) {
	var g errgroup.Group
	g.SetLimit(flyctl.MaxParallel)
	for _, m := range ms {
		g.Go(func() error {
			if err := a.command(ctx, m.ID, a.OnDrain); err != nil && ctx.Err() == nil {
				a.warn(fmt.Sprintf("the drain command failed, and machine %s drains without it: %v", m.ID, err))
			}
			return nil
		})
	}
	_ = g.Wait()
}
