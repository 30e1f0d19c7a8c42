package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"
)

// matrix plays the cells of the scenarios, and says what went wrong. It plays one in
// sparse of the cells in which a run dies twice, and of large scenarios.
func matrix(t *testing.T, scenarios []*scenario, sparse int, talk io.Writer) (all []*result) {
	for _, s := range scenarios {
		steps := s.learn(t)
		r := &result{scenario: s, calls: len(steps), cells: s.singles(steps)}
		if s.suffer {
			r.cells = s.troubled(steps)
		}
		if s.large {
			r.cells = everyNth(r.cells, sparse)
		}
		r.play(t)
		all = append(all, r)
		if s.small {
			again := &result{scenario: s, what: ", and again", calls: len(steps), cells: everyNth(pairs(r.cells), sparse)}
			again.play(t)
			all = append(all, again)
		}
	}
	for _, r := range all {
		fmt.Fprintln(talk, r)
		r.complain(t)
	}
	return all
}

func everyNth(cells []*cell, n int) (some []*cell) {
	for i := 0; i < len(cells); i += n {
		some = append(some, cells[i])
	}
	return some
}

// complain names the cells that did not converge.
func (r *result) complain(t *testing.T) {
	for _, c := range r.cells {
		if !c.converged() {
			t.Errorf("%s:\n%s", c, indent(c.broken, c.wrong))
		}
	}
}

func indent(texts ...[]string) (text string) {
	for _, line := range slices.Concat(texts...) {
		text += "\t" + line + "\n"
	}
	return text
}

// learn runs a scenario to its end, and returns the calls that it makes.
func (s *scenario) learn(t *testing.T) (steps []step) {
	synctest.Test(t, func(t *testing.T) {
		b := s.bench()
		p := b.process()
		if report, err := s.do(p.release("v3"))(p.ctx); err != nil {
			t.Errorf("%s: without a fault it ends %s: %v", s.name, report.Result, err)
		}
		b.judge()
		if len(b.broken)+len(b.wrong) > 0 {
			t.Errorf("%s, without a fault:\n%s", s.name, indent(b.broken, b.wrong))
		}
		steps = p.trace
	})
	return steps
}

// singles are the cells in which a run dies once.
func (s *scenario) singles(steps []step) (all []*cell) {
	for _, st := range steps {
		for _, d := range st.deaths() {
			for _, n := range []next{anotherDeploy, aResume} {
				if d.moment.late > 0 && n == aResume {
					continue // it would be over before the machine comes
				}
				all = append(all, &cell{scenario: s, step: st, deaths: [][]death{{d}}, next: n})
			}
		}
	}
	return all
}

// pairs are the cells in which the run after the death dies too, or in which an
// interrupted run is killed before it has ended.
func pairs(singles []*cell) (all []*cell) {
	add := func(c *cell, deaths ...[]death) {
		all = append(all, &cell{scenario: c.scenario, step: c.step, deaths: deaths, next: c.next})
	}
	for _, c := range singles {
		first := c.deaths[0][0]
		if !c.step.changes() || first.moment.late > 0 || first.moment == before {
			continue // the last one as it leaves what the call before it does
		}
		for _, st := range c.again {
			for _, d := range st.kills() {
				add(c, []death{first}, []death{d})
			}
		}
		for _, st := range c.after {
			for _, d := range st.kills() {
				add(c, []death{first, d})
			}
		}
	}
	return all
}

// troubled are the cells in which something goes wrong, and nobody dies.
func (s *scenario) troubled(steps []step) (all []*cell) {
	for _, t := range troubles() {
		for _, st := range steps {
			if t.fits(st) {
				all = append(all, &cell{scenario: s, step: st, trouble: t, next: anotherDeploy})
			}
		}
	}
	return all
}

// tries is how often a cell is tried until all its deaths come: the scheduler decides
// which of the calls of one moment comes first.
const tries = 3

// play tries all cells, some side by side, and leaves out those whose moment
// did not come: a run that polls does not always poll equally often.
func (r *result) play(t *testing.T) {
	begun := time.Now()
	sideBySide(len(r.cells), func(i int) {
		for n := 0; n < tries && !r.cells[i].reached; n++ {
			synctest.Test(t, func(*testing.T) { r.cells[i].try() })
		}
	})
	n := len(r.cells)
	r.cells = slices.DeleteFunc(r.cells, func(c *cell) bool { return !c.reached && len(c.broken)+len(c.wrong) == 0 })
	r.missed, r.took = n-len(r.cells), time.Since(begun)
}

// sideBySide calls do for each of n, as many at once as there are processors.
func sideBySide(n int, do func(i int)) {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error { do(i); return nil })
	}
	_ = g.Wait()
}
