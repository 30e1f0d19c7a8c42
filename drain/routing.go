package drain

import (
	"context"
	"slices"
	"time"

	"github.com/bitfield/script"
)

// AwaitRouting hands all ids on when the propagation time has passed since these
// Steps last cordoned or uncordoned a machine. Routing spreads by gossip: until
// then, some of Fly's proxies may not know of the change.
func (s *Steps) AwaitRouting(p *script.Pipe) *script.Pipe {
	return s.stages.All(p, func(ctx context.Context, _ []string) error {
		var left time.Duration
		for _, t := range s.app.turns() {
			left = max(left, time.Until(t.at.Add(s.app.release.Propagation)))
		}
		return sleep(ctx, left)
	})
}

// awaitedRouting refuses a cordon of these machines while routing may not know of
// others that were uncordoned: it may be they that are to serve instead.
func (a *app) awaitedRouting(ids []string) error {
	recent := slices.DeleteFunc(a.turns(), func(t turned) bool { return t.cordoned || time.Since(t.at) >= a.release.Propagation })
	is := func(id string) func(turned) bool { return func(t turned) bool { return t.id == id } }
	if !slices.ContainsFunc(ids, func(id string) bool { return !slices.ContainsFunc(recent, is(id)) }) {
		return nil
	}
	for _, t := range recent {
		if !slices.Contains(ids, t.id) {
			return a.refuse(t.id, "machine %s of %s has just been uncordoned, and proxies may not know of it for another %v: put AwaitRouting before Cordon",
				t.id, a.Name, time.Until(t.at.Add(a.release.Propagation)).Round(time.Millisecond))
		}
	}
	return nil
}
