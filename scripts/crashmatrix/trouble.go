package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// trouble is something that goes wrong once, and kills nobody.
type trouble struct {
	name   string
	only   []string                // the commands that it can happen to; nil is all
	fault  *draintest.Fault        // strikes a call
	lie    bool                    // flyctl says that all is well, and has done nothing
	event  *draintest.Action       // somebody else does that just before a call
	all    bool                    // to all machines that it can be done to
	beside func(drain.Release) run // somebody else begins that just before a call
}

var (
	changing = []string{"deploy", "machine clone", "machine cordon", "machine uncordon", "machine start", "machine stop", "machine destroy"}
	reading  = []string{"version", "config show", "machine list", "machine exec", "machine clone"}
	listing  = []string{"machine list"}
)

// lost is how long a lost host does not answer. It is longer than a command is tried, and
// than green may take to become healthy. It is not for ever: a drain waits for it.
const lost = 20 * time.Minute

// troubles are all that are tried at each call.
func troubles() []*trouble {
	var all []*trouble
	add := func(name string, only []string, f draintest.Fault) {
		all = append(all, &trouble{name: name, only: only, fault: &f})
	}
	reset := draintest.Fault{Status: 500, Message: "Post \"https://api.machines.dev/v1\": read: connection reset by peer"}
	for _, f := range []draintest.Fault{{Status: 408}, {Status: 429, Message: "rate limit exceeded"}, {Status: 500}, {Status: 503}, reset} {
		name := fmt.Sprint(f.Status)
		if f == reset {
			name = "reset"
		}
		add("refused: "+name, nil, f)
		if f.AfterEffect = true; f.Status != 429 {
			add("done, and refused: "+name, changing, f)
		}
	}
	// The world's own words for these contradict the list.
	add("refused: 404", []string{"machine clone", "machine cordon", "machine uncordon"}, draintest.Fault{Status: 404, Times: 4})
	add("refused: 412", []string{"machine start", "machine stop", "machine destroy"}, draintest.Fault{Status: 412, Times: 4})
	add("20 s late", nil, draintest.Fault{Slow: 20 * time.Second})
	add("done, and told 20 s late", changing, draintest.Fault{Slow: 20 * time.Second, AfterEffect: true})
	add("hangs", nil, draintest.Fault{Hang: true})
	add("done, and hangs", changing, draintest.Fault{Hang: true, AfterEffect: true})
	add("done, with exit code 1", nil, draintest.Fault{Exit: 1})
	add("done, with exit code 127", changing, draintest.Fault{Exit: 127})
	add("no output", reading, draintest.Fault{Cut: true})
	add("output cut off", reading, draintest.Fault{Cut: true, Keep: 20})
	add("output cut off late", listing, draintest.Fault{Cut: true, Keep: 2000})
	all = append(all, &trouble{name: "exit code 0, and nothing done", lie: true})
	for _, times := range []int{1, 3} {
		for _, view := range []string{"stale", "empty", "short", "no-cordoned", "no-config", "no-image", "1970"} {
			add(fmt.Sprintf("%d lists %s", times, view), listing, draintest.Fault{View: view, Age: 3 * time.Second, Region: "lhr", Times: times})
		}
	}
	for _, of := range []string{"green", "blue"} {
		happens := func(name, kind string, lasts time.Duration) {
			all = append(all, &trouble{name: name + " " + of,
				event: &draintest.Action{Kind: kind, Group: "app", Green: of == "green", Blue: of == "blue", For: lasts}})
		}
		for _, kind := range []string{"autostop", "destroy", "cordon", "uncordon", "crash", "sick", "unreachable", "lease", "deploy"} {
			happens("somebody else: "+kind, kind, time.Minute)
		}
		happens("no answer any more from the host of", "unreachable", lost)
	}
	all = append(all, &trouble{name: "somebody else: destroy all green", all: true, event: &draintest.Action{Kind: "destroy", Group: "app", Green: true}})
	return append(all,
		&trouble{name: "somebody else: another deploy", beside: deploy},
		&trouble{name: "somebody else: a resume", beside: func(r drain.Release) run { return r.Resume }},
		&trouble{name: "somebody else: a drain", beside: func(r drain.Release) run { return r.Drain }},
	)
}

// fits reports whether a trouble can happen at a call.
func (t *trouble) fits(s step) bool { return t.only == nil || slices.Contains(t.only, s.command) }

// happens lets somebody else do something to a machine of an app, or to all that it can
// be done to, and keeps to which.
func (b *bench) happens(a draintest.Action, app string, all bool) {
	b.fly.Do(func(w *draintest.World) {
		for _, m := range w.Live(app) {
			if m.Group() != a.Group || a.Green != (tag(m) == "v3") || a.Kind == "uncordon" && !m.Cordoned {
				continue
			}
			a.Machine = m.ID
			before := w.Count
			w.Do(a)
			b.touched[m.ID] = true
			live := w.Live(app)
			if w.Count > before {
				b.touched[live[len(live)-1].ID] = true
			}
			if undo := map[string]string{"unreachable": "reachable", "sick": "well"}[a.Kind]; undo != "" {
				w.At(w.Now.Add(a.For), draintest.Action{Kind: undo, Machine: m.ID})
			}
			if !all || a.Kind == "deploy" || len(live) == 1 { // an empty list is never believed
				return
			}
		}
	})
}
