package drain

import (
	"context"
	"time"

	"github.com/bitfield/script"
)

// AwaitRouting hands all ids on when the propagation time has passed since these
// Steps last cordoned or uncordoned a machine. Routing spreads by gossip: until
// then, some of Fly's proxies may not know of the change.
func (s *Steps) AwaitRouting(p *script.Pipe) *script.Pipe {
	return s.stages.All(p, func(ctx context.Context, _ []string) error {
		return sleep(ctx, max(0, time.Until(s.app.turns.Last().Add(s.app.release.Propagation))))
	})
}

// awaitedRouting refuses a cordon of these machines while routing may not know of
// others that were uncordoned: it may be they that are to serve instead.
func (a *app) awaitedRouting(ids []string) error {
	id, at := a.turns.Beside(ids, time.Now().Add(-a.release.Propagation))
	if id == "" {
		return nil
	}
	return a.refuse(id, "machine %s of %s has just been uncordoned, and proxies may not know of it for another %v: put AwaitRouting before Cordon",
		id, a.Name, time.Until(at.Add(a.release.Propagation)).Round(time.Millisecond))
}
