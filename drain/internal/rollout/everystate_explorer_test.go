package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// explorer walks all states of a world that can be reached through Decide,
// breadth first, so that the trace to what it finds is a shortest one.
type explorer struct {
	w      *world
	ids    map[string]int
	states []*state
	from   []int
	why    []string
	out    [][]edge
	found  map[string]string // what is broken → the trace to it
	whole  bool              // all states were walked
}

type edge struct {
	to           int
	disturb, act bool
}

func explore(t *testing.T, w world, limit int) *explorer {
	x := &explorer{w: &w, ids: map[string]int{}, found: map[string]string{}}
	x.add(-1, w.first(), "start", false, false)
	for i := 0; i < len(x.states); i++ {
		if i >= limit {
			break
		}
		x.step(i)
		if len(x.found) > 2 {
			break
		}
	}
	if x.whole = len(x.found) == 0 && len(x.states) <= limit; x.whole {
		x.termination()
	}
	for _, what := range slices.Sorted(maps.Keys(x.found)) {
		t.Errorf("%s: %s", what, x.found[what])
	}
	return x
}

func (x *explorer) add(from int, s *state, why string, disturb, act bool) int {
	key := x.key(s)
	to, known := x.ids[key]
	if !known {
		to = len(x.states)
		x.ids[key] = to
		x.states, x.from, x.why, x.out = append(x.states, s), append(x.from, from), append(x.why, why), append(x.out, nil)
	}
	if from >= 0 {
		x.out[from] = append(x.out[from], edge{to, disturb, act})
	}
	return to
}

func (x *explorer) fail(at int, what, why string) {
	if _, known := x.found[what]; known {
		return
	}
	var steps []string
	for i := at; i >= 0; i = x.from[i] {
		steps = append(steps, fmt.Sprintf("\n  %-70s %s", x.why[i], x.show(x.states[i])))
	}
	slices.Reverse(steps)
	x.found[what] = why + strings.Join(steps, "")
}

func (x *explorer) show(s *state) string {
	var b strings.Builder
	for a := range x.w.apps {
		for i, m := range s.m[a] {
			if m&there == 0 {
				continue
			}
			fmt.Fprintf(&b, "%s%d.%d(", string("ebg"[x.w.gen[i]]), a, i)
			if m&open_ == 0 {
				b.WriteString("cordoned")
			} else {
				b.WriteString("open")
			}
			if m&well == 0 {
				b.WriteString(",ILL")
			}
			if m&busy != 0 {
				b.WriteString(",busy")
			}
			if m&dead != 0 {
				b.WriteString(",DEAD")
			}
			b.WriteString(") ")
		}
	}
	for _, f := range s.flight {
		fmt.Fprintf(&b, "%s %s… ", f.cmd.Verb, f.cmd.Machine)
	}
	return b.String()
}

func (x *explorer) step(at int) {
	w, s := x.w, x.states[at]
	x.landings(at, s)
	for a := range w.apps {
		for i, m := range s.m[a] {
			x.machine(at, s, a, i, m)
		}
	}
	if s.left.destroy > 0 {
		x.loseGreen(at, s)
	}
	for k := range s.runs {
		if s.runs[k].state != running {
			continue
		}
		x.run(at, s, k)
	}
}

// termination: an end can be reached from each state without a new disturbance,
// and no cycle without one gives commands.
func (x *explorer) termination() {
	n := len(x.states)
	ends := make([]bool, n)
	back := make([][]int, n)
	var todo []int
	for i, s := range x.states {
		for _, e := range x.out[i] {
			if !e.disturb {
				back[e.to] = append(back[e.to], i)
			}
		}
		empty := false // an empty list is never believed
		for a := range x.w.apps {
			empty = empty || !slices.ContainsFunc(s.m[a], func(m bits) bool { return m&there != 0 })
		}
		if empty || s.runs[0].state != running && s.runs[1].state != running {
			ends[i] = true
			todo = append(todo, i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, j := range back[i] {
			if !ends[j] {
				ends[j] = true
				todo = append(todo, j)
			}
		}
	}
	comp := components(n, x.out)
	if i := slices.Index(ends, false); i >= 0 {
		for j := range ends { // the innermost: components are numbered from the ends on
			if !ends[j] && comp[j] < comp[i] {
				i = j
			}
		}
		x.fail(i, "stuck: no end can be reached", "")
	}
	for i := range x.out {
		for _, e := range x.out[i] {
			if e.act && !e.disturb && comp[i] == comp[e.to] {
				x.fail(i, "livelock: a cycle that gives commands", x.why[e.to])
				return
			}
		}
	}
}

// components numbers the strongly connected components, by Tarjan's algorithm.
func components(n int, out [][]edge) []int {
	index, low, comp := make([]int, n), make([]int, n), make([]int, n)
	on := make([]bool, n)
	var stack []int
	count, number := 0, 0
	type frame struct{ node, edge int }
	for root := range n {
		if index[root] != 0 {
			continue
		}
		frames := []frame{{root, 0}}
		count++
		index[root], low[root], on[root] = count, count, true
		stack = append(stack, root)
		for len(frames) > 0 {
			f := &frames[len(frames)-1]
			if f.edge < len(out[f.node]) {
				e := out[f.node][f.edge]
				f.edge++
				switch {
				case e.disturb:
				case index[e.to] == 0:
					count++
					index[e.to], low[e.to], on[e.to] = count, count, true
					stack = append(stack, e.to)
					frames = append(frames, frame{e.to, 0})
				case on[e.to]:
					low[f.node] = min(low[f.node], index[e.to])
				}
				continue
			}
			node := f.node
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				up := frames[len(frames)-1].node
				low[up] = min(low[up], low[node])
			}
			if low[node] == index[node] {
				number++
				for {
					top := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					on[top], comp[top] = false, number
					if top == node {
						break
					}
				}
			}
		}
	}
	return comp
}
