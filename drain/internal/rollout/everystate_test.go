package rollout

import (
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// limits returns how many states are explored of each world, those next to the start
// first, and of each with two disturbances, of the smallest eight times as many.
func limits() (states, pairs int) {
	if os.Getenv("FLYDRAIN_LONG") != "" {
		return 20000, 500
	}
	return 300, 10
}

func TestEveryState(t *testing.T) {
	states, pairs := limits()
	var total, whole, cut atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d states: %d worlds in whole, %d in part", total.Load(), whole.Load(), cut.Load())
	})
	explored := func(w world, limit int) {
		if w.second != nil && w.might.die+w.might.interrupt > 0 {
			return // a run that is slower than 40 s is taken for dead: known, and not to be told apart
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			x := explore(t, w, limit)
			total.Add(int64(len(x.states)))
			if x.whole {
				whole.Add(1)
			} else {
				cut.Add(1)
			}
		})
	}
	for _, w := range worlds() {
		for name, one := range disturbances {
			first := w
			first.name, first.might = w.name+", "+name, one
			explored(first, states)
			for other, two := range disturbances {
				if name >= other || name == "nothing" || other == "nothing" {
					continue
				}
				both, limit := w, pairs
				if w.smallest {
					limit *= 8
				}
				both.name, both.might = first.name+" and "+other, one.and(two)
				explored(both, limit)
			}
		}
	}
}

// worlds are the worlds without a disturbance.
func worlds() []world {
	base := func(name string, gen, place []int, start ...bits) world {
		return world{name: name, apps: 1, gen: gen, place: place, start: start}
	}
	with := func(w world, change func(*world)) world { change(&w); return w }
	held := func(w world) world { w.held = true; return w }
	return []world{
		with(base("one machine", []int{1, 2}, []int{0, 0}, up|busy, 0), func(w *world) { w.check = true }),
		with(held(base("one held", []int{1, 2}, []int{0, 0}, up|busy, 0)), func(w *world) { w.check, w.smallest = true, true }),
		base("two machines", []int{1, 1, 2, 2}, []int{0, 0, 0, 0}, up|busy, up, 0, 0),
		held(base("two held", []int{1, 1, 2, 2}, []int{0, 0, 0, 0}, up|busy, up, 0, 0)),
		with(held(base("three generations", []int{0, 1, 2}, []int{0, 0, 0}, there|well|busy, up|busy, 0)), func(w *world) { w.stop = true }),
		held(base("two places", []int{1, 2, 1, 2}, []int{0, 0, 1, 1}, up|busy, 0, up, 0)),
		with(held(base("a worker beside", []int{1, 2, 1, 2}, []int{0, 0, 1, 1}, up, 0, up, 0)), func(w *world) { w.worker = map[int]bool{1: true} }),
		with(held(base("a dropped group", []int{1, 2, 1}, []int{0, 0, 1}, up, 0, up)), func(w *world) { w.drop = map[int]bool{1: true} }),
		held(base("a floor of none", []int{1, 2}, []int{0, 0}, there|open_, 0)),
		with(held(base("surplus", []int{1, 2, 2}, []int{0, 0, 0}, up|busy, 0, 0)), func(w *world) {}),
		with(held(base("two apps", []int{1, 2}, []int{0, 0}, up|busy, 0)), func(w *world) { w.apps, w.check = 2, true }),
		with(held(base("bake", []int{1, 2}, []int{0, 0}, up|busy, 0)), func(w *world) { w.bake = time.Hour }),
		with(held(base("a reaper beside", []int{0, 1, 2}, []int{0, 0, 0}, there|well|busy, up|busy, 0)), func(w *world) { w.second, w.stop = (*world).reaper, true }),
		with(base("a rollback beside a drain", []int{1, 2}, []int{0, 0}, there|well|busy, up|busy), func(w *world) { w.goal, w.second = (*world).rollback, (*world).reaper }),
		with(base("rollback", []int{1, 2}, []int{0, 0}, there|well|busy, up|busy), func(w *world) { w.goal = (*world).rollback }),
		with(base("a rollback to too few", []int{1, 2, 2}, []int{0, 0, 0}, there|well|busy, up|busy, up), func(w *world) { w.goal, w.few = (*world).rollback, true }),
	}
}

// disturbances are what may go wrong, one at a time.
var disturbances = map[string]might{
	"nothing":             {},
	"illness":             {ill: 1},
	"death":               {die: 1},
	"death, flyctl lives": {die: 1, late: 1},
	"interrupt":           {interrupt: 1},
	"destroy":             {destroy: 1},
	"cordon":              {cordon: 1},
	"uncordon":            {uncordon: 1},
	"lost":                {lost: 1},
	"refused":             {refuse: 1},
	"short list":          {short: 1},
	"thin row":            {thin: 1},
	"old list":            {lag: 1},
	"double":              {double: 1},
	"clone fails":         {cloneFails: 1},
	"host lost":           {host: 1},
}
