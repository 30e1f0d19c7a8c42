package drain

import (
	"context"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// AwaitHealthy hands all ids on when all machines are healthy on two lists in a row. A
// healthy machine runs and passes all its checks. One without checks must have run for
// the smoke time without a restart. A machine that the proxy has stopped is started
// again. But in each group and region as many may stay stopped as the proxy has stopped
// among the machines that serve. It does not wait for standbys. The error says what a
// machine lacks: it comes after the health timeout, or when a machine is gone or keeps
// crashing.
func (s *Steps) AwaitHealthy(p *script.Pipe) *script.Pipe { return s.stages.All(p, s.awaitHealthy) }

func (s *Steps) awaitHealthy(ctx context.Context, ids []string) error {
	l, err := s.app.list(ctx)
	if err != nil {
		return err
	}
	before, app := fleet.BeforeOf(l.Without(l.Pick(ids))), s.app.goal()
	app.Older, app.Before = ids, &before
	j := s.newRun()
	return j.complete(ctx, facts.Goal{Aim: facts.Forward, Rollback: true, WellOnly: true, Spread: j.Propagation, Apps: []facts.App{app}})
}
