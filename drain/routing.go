package drain

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/bitfield/script"
)

// AwaitRouting hands all ids on when the propagation time has passed since these
// Steps last cordoned or uncordoned a machine. Routing spreads by gossip: until
// then, some of Fly's proxies may not know of the change.
func (s *Steps) AwaitRouting(p *script.Pipe) *script.Pipe {
	return s.all(p, func(ctx context.Context, ids []string) error {
		if len(ids) == 0 {
			return nil
		}
		return sleep(ctx, time.Until(s.app.routingChanged().Add(s.app.propagation)))
	})
}

// routingChanged returns when this run last cordoned or uncordoned a machine.
func (a *app) routingChanged() (last time.Time) {
	note := func(_, at any) bool {
		last = later(last, at.(time.Time))
		return true
	}
	a.cordonedAt.Range(note)
	a.uncordonedAt.Range(note)
	return last
}

// awaitedRouting refuses a cordon of these machines while routing may not know of
// others that were uncordoned: it may be they that are to serve instead.
func (a *app) awaitedRouting(ids []string) error {
	recent := map[string]time.Duration{} // how long routing may still not know of them
	a.uncordonedAt.Range(func(id, at any) bool {
		if left := time.Until(at.(time.Time).Add(a.propagation)); left > 0 {
			recent[id.(string)] = left
		}
		return true
	})
	if !slices.ContainsFunc(ids, func(id string) bool { return recent[id] == 0 }) {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(recent)) {
		if !slices.Contains(ids, id) {
			return refuse("machine %s of %s has just been uncordoned, and proxies may not know of it for another %v: put AwaitRouting before Cordon",
				id, a.Name, recent[id].Round(time.Millisecond)).about(a.Name, id)
		}
	}
	return nil
}
