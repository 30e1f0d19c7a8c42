package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/flydrain/flydrain/drain/draintest"
)

// bluegreen is flyctl's own strategy, as its source has it (v0.4.87,
// internal/command/deploy/strategy_bluegreen.go): its stages in their order, how
// many machines each handles side by side, how long it waits and how often it
// looks, what it tries again. It acts on the simulated Fly's machines, one API
// call each; what goes wrong in other ways than by the rate limit is left out.
type bluegreen struct {
	*scene
	creates *rate.Limiter // Fly's, for the app
	blue    []*draintest.Machine
	green   []string
}

var errRateLimited = errors.New("rate limit exceeded")

func blueGreen(s *scene) error {
	b := &bluegreen{scene: s, creates: rate.NewLimiter(1, 3)}
	if s.unlimited {
		b.creates.SetLimit(rate.Inf)
	}
	b.commands, b.most = 1, 1
	for range 8 { // the app, its organisation, the image, the release entry
		b.call(nil)
	}
	b.call(func(w *draintest.World) { b.blue = w.Live(app) })
	blue := make([]string, len(b.blue))
	for i, m := range b.blue {
		blue[i] = m.ID
	}
	b.each(len(blue), blue, "acquire")
	leased := time.Now()
	b.call(nil) // may this app do so?
	if err := b.create(); err != nil {
		return err
	}
	time.Sleep(300 * time.Millisecond)
	b.await(b.green, "started")
	b.awaitHealth()
	b.each(b.maxConcurrent, b.green, "uncordon")
	b.each(b.maxConcurrent, blue, "tag")
	time.Sleep(10 * time.Second)
	b.each(b.maxConcurrent, blue, "cordon")
	time.Sleep(10 * time.Second)
	b.each(b.maxConcurrent, blue, "stop")
	b.await(blue, "stopped")
	b.calls += len(blue) * int(time.Since(leased)/(4*time.Second)) // a lease of 13 s is taken anew every 4 s
	b.each(b.maxConcurrent, blue, "destroy")
	return nil
}

// call makes an API call that takes effect, and waits for its answer.
func (b *bluegreen) call(effect func(*draintest.World)) {
	var latency time.Duration
	b.fly.Do(func(w *draintest.World) {
		b.calls++
		if latency = w.Latency; effect != nil {
			effect(w)
		}
	})
	time.Sleep(latency)
}

// each does something to each machine, so many at a time. What the simulated Fly
// does not know is a call without effect.
func (b *bluegreen) each(limit int, ids []string, kind string) {
	var g errgroup.Group
	g.SetLimit(limit)
	for _, id := range ids {
		g.Go(func() error {
			b.call(func(w *draintest.World) { w.Do(draintest.Action{Kind: kind, Machine: id}) })
			return nil
		})
	}
	_ = g.Wait()
}

// create makes green, a third of it side by side, and no more than maxConcurrent.
func (b *bluegreen) create() error {
	var g errgroup.Group
	g.SetLimit(min((len(b.blue)+2)/3, b.maxConcurrent))
	for _, m := range b.blue {
		g.Go(func() error { return b.launch(m.Region) })
	}
	return g.Wait()
}

// launch makes a machine, in three tries. After one that was refused it lists, as
// that may have made its machine all the same.
func (b *bluegreen) launch(region string) error {
	for try := range 3 {
		if try > 0 {
			time.Sleep(time.Duration(try) * 500 * time.Millisecond)
		}
		allowed := b.creates.Allow()
		b.call(func(w *draintest.World) {
			if allowed {
				b.green = append(b.green, hidden(w, region))
			}
		})
		if allowed {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
		b.call(nil)
	}
	return fmt.Errorf("failed to launch VM: %w", errRateLimited)
}

// hidden makes a machine that boots out of traffic.
func hidden(w *draintest.World, region string) string {
	m := w.AddMachine(app, "app", region, newImage)
	m.State, m.Cordoned, m.Hidden = "stopped", true, true
	m.Passing, m.Passed, m.Opened = false, false, false
	w.Do(draintest.Action{Kind: "start", Machine: m.ID})
	return m.ID
}

// tick is how often a stage looks at what the waits for its machines have found.
const tick = 90 * time.Millisecond

// await has one call a machine, which Fly answers when it is in that state.
func (b *bluegreen) await(ids []string, state string) {
	b.calls += len(ids)
	for there := false; !there; time.Sleep(tick) {
		b.fly.Do(func(w *draintest.World) {
			there = !slices.ContainsFunc(ids, func(id string) bool { return w.Machine(id).State != state })
		})
	}
}

// awaitHealth looks at each machine after its checks' grace period, which counts
// for a second at most, and then at their interval.
func (b *bluegreen) awaitHealth() {
	const grace, interval = time.Second, 2 * time.Second
	var g errgroup.Group
	for _, id := range b.green {
		g.Go(func() error {
			time.Sleep(grace)
			for passing := false; ; time.Sleep(interval) {
				b.call(func(w *draintest.World) { passing = w.Machine(id).Passing })
				if passing {
					return nil
				}
			}
		})
	}
	_ = g.Wait()
	time.Sleep(tick)
}
