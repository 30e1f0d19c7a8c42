package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// bench is where a cell, or a release of the campaign, is played: its world, and what
// was found out.
type bench struct {
	*scenario
	fly     *draintest.Fly
	was     []string        // the machines that were open when the first run began
	want    []string        // the kinds of machines that each app had then
	touched map[string]bool // machines that somebody else has changed
	others  sync.WaitGroup  // runs of somebody else's
	beside  bool            // there was one
	outcome
}

func (s *scenario) bench() *bench {
	b := &bench{scenario: s, fly: s.begin(), touched: map[string]bool{}}
	b.was, b.reached = b.open(), true
	b.want = slices.DeleteFunc(b.kinds(0), func(k string) bool { return strings.Contains(k, "(") })
	return b
}

// outcome is what became of a cell.
type outcome struct {
	reached bool         // all deaths came, or the trouble
	result  drain.Result // of the first run, where it could speak
	tried   bool         // the run after the last death has ended
	left    int          // machines too many, too few, or held, at the end
	broken  []string     // rules
	wrong   []string     // everything else
	after   []step       // the calls that the first run made after its interrupt
	again   []step       // the calls of the run after the last death
}

func (o *outcome) mistake(format string, args ...any) {
	o.wrong = append(o.wrong, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; "))
}

// each calls do for each live machine, with the index of its app.
func (b *bench) each(do func(w *draintest.World, app int, m *draintest.Machine)) {
	b.fly.Do(func(w *draintest.World) {
		for i, app := range b.names() {
			for _, m := range w.Live(app) {
				do(w, i, m)
			}
		}
	})
}

// open are the ids of the machines that are not cordoned.
func (b *bench) open() (ids []string) {
	b.each(func(_ *draintest.World, _ int, m *draintest.Machine) {
		if !m.Cordoned {
			ids = append(ids, m.ID)
		}
	})
	return ids
}

// kinds are an app's machines by group and region, sorted: "app=iad". A machine that is
// cordoned or not started says so: "app=iad (stopped, cordoned: true)".
func (b *bench) kinds(app int) (all []string) {
	b.each(func(_ *draintest.World, of int, m *draintest.Machine) {
		kind := m.Group() + "=" + m.Region
		byProxy := b.autostop && (m.State == "stopped" || m.ProxyStopped) // it stops machines, and starts them
		if m.Cordoned || m.State != "started" && !byProxy {
			kind += fmt.Sprintf(" (%s, cordoned: %v)", m.State, m.Cordoned)
		}
		if of == app {
			all = append(all, kind)
		}
	})
	slices.Sort(all)
	return all
}
