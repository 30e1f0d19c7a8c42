package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// bench is where a cell is tried: its world, and what was found out.
type bench struct {
	*scenario
	fly     *draintest.Fly
	was     []string        // the machines that were open when the first run began
	most    int             // more runs that it may take
	touched map[string]bool // machines that somebody else has changed
	others  sync.WaitGroup  // runs of somebody else's
	beside  bool            // there was one
	outcome
}

func (s *scenario) bench() *bench {
	b := &bench{scenario: s, fly: s.begin(), most: 1, touched: map[string]bool{}}
	b.was = b.open()
	b.reached = true
	return b
}

// outcome is what became of a cell.
type outcome struct {
	reached bool         // all deaths came, or the trouble
	result  drain.Result // of the first run, where it could speak
	runs    int          // more runs until all was well; 0: never
	left    int          // machines too many, too few, or held, at the end
	broken  []string     // rules
	wrong   []string     // everything else
	after   []step       // the calls that the first run made after its interrupt
	again   []step       // the calls of the run after the last death
}

func (o *outcome) mistake(format string, args ...any) {
	o.wrong = append(o.wrong, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; "))
}

// open are the ids of the machines that are not cordoned.
func (b *bench) open() (ids []string) {
	b.fly.Do(func(w *draintest.World) {
		for _, app := range b.names() {
			for _, m := range w.Live(app) {
				if !m.Cordoned {
					ids = append(ids, m.ID)
				}
			}
		}
	})
	return ids
}
