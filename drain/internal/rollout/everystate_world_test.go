package rollout

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/intent"
)

// A world is a small Fly: one or two apps of a few machines. Each may be
// there or not. Its disturbances are what may go wrong in it, and how often.
type world struct {
	name     string
	apps     int
	gen      []int        // of each machine: 0 earlier, 1 blue, 2 green
	place    []int        // of each machine
	worker   map[int]bool // places whose group has no services
	drop     map[int]bool // places whose group is not in the new fly.toml
	start    []bits       // of each machine, in each app
	goal     func(w *world) facts.Goal
	second   func(w *world) facts.Goal // a run beside the first
	held     bool                      // green is there, and held
	smallest bool                      // of all worlds, so that more of its states are explored
	check    bool
	few      bool // green cannot hold the floor
	stop     bool // machines are stopped at their deadline
	bake     time.Duration
	might    might
}

// might says how often each disturbance may happen.
type might struct {
	ill, die, late, destroy, cordon, uncordon, lost, refuse, short, thin, lag, interrupt, double, cloneFails, host int
}

// and is both disturbances.
func (m might) and(o might) might {
	return might{m.ill + o.ill, m.die + o.die, m.late + o.late, m.destroy + o.destroy, m.cordon + o.cordon, m.uncordon + o.uncordon, m.lost + o.lost,
		m.refuse + o.refuse, m.short + o.short, m.thin + o.thin, m.lag + o.lag, m.interrupt + o.interrupt, m.double + o.double, m.cloneFails + o.cloneFails, m.host + o.host}
}

type bits uint8

const (
	there bits = 1 << iota
	open_
	well
	busy   // it has a connection
	thin   // the row says nothing
	dead   // its host answers nothing
	doomed // and is to destroy it when it does
)

const up = there | open_ | well

const (
	running = iota
	done
	absent
)

type runState struct {
	state   int
	goal    facts.Goal
	facts   facts.Facts
	waiting bool          // it does nothing until the lists are quiet
	watch   intent.Watch  // while it waits
	lists   [2]fleet.List // by which it was begun
	last    []fleet.List  // of its apps
	dead    bool          // interrupted: only its last commands are under way

	// What its lists have shown, whatever is so: for how many in a row, three at most.
	fit  int       // all of green there and well
	dark [2][2]int // nothing serving in a place that needs it, by app and place
}

type inFlight struct {
	cmd fleet.Command
	run int // -1: of a dead run
}

// state is all that is. Equal keys are one state.
type state struct {
	m       [2][]bits
	was     [2][]bits // what a late list shows
	runs    [2]runState
	flight  []inFlight
	left    might
	now     time.Time
	lives   time.Time // until when a dead run's flyctl is at work; zero if none is
	stood   bool      // all of blue was cordoned, nothing under way, and green held the floor
	allowed bool      // green has been uncordoned to serve
}

var epoch = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const (
	spread        = 10 * time.Second
	healthTimeout = 5 * time.Minute
)

func id(app, i int) string { return fmt.Sprintf("a%dmachine%d", app, i) }

func index(id string) (app, i int) {
	a, m, _ := strings.Cut(strings.TrimPrefix(id, "a"), "machine")
	app, bad := strconv.Atoi(a)
	i, worse := strconv.Atoi(m)
	if bad != nil || worse != nil {
		return 0, -1
	}
	return app, i
}

func release(gen int) string {
	return epoch.Add(time.Duration(gen-2)*time.Hour).Format(fleet.TimeFormat) + "-000abcd"
}

func (w *world) group(i int) string { return fmt.Sprintf("g%d", w.place[i]) }

// row is a machine as the list shows it.
func (w *world) row(app, i int, b bits) flyctl.Machine {
	m := flyctl.Machine{ID: id(app, i), Region: "iad", State: "started", HostStatus: "ok", Cordoned: b&open_ == 0}
	m.CreatedAt = epoch.Add(time.Duration(w.gen[i]-2)*time.Hour + time.Duration(i)*time.Second)
	if b&dead != 0 {
		m.HostStatus = "unreachable"
	}
	if b&thin != 0 {
		return flyctl.Machine{ID: m.ID, Region: m.Region, State: "started", HostStatus: m.HostStatus, Thin: true}
	}
	n := 0
	for _, g := range w.gen {
		if g == w.gen[i] {
			n++
		}
	}
	m.Config = flyctl.Config{Image: "image",
		Env:      map[string]string{fleet.MarkEnv: fleet.Mark{ID: release(w.gen[i]), Apps: w.apps, Machines: min(n, w.wanted())}.String()},
		Metadata: map[string]string{"fly_process_group": w.group(i), "fly_platform_version": "v2"},
	}
	switch {
	case b&dead != 0: // its row says what it is, and not its services
	case !w.worker[w.place[i]]:
		m.Config.Services = []flyctl.Service{{InternalPort: 8080, Checks: []json.RawMessage{[]byte("{}")}}}
		m.Checks = []flyctl.Check{{Name: "http", Status: "passing"}}
		if b&well == 0 {
			m.Checks[0].Status = "critical"
		}
	default:
		m.Config.Checks = map[string]json.RawMessage{"alive": nil}
		m.Checks = []flyctl.Check{{Name: "alive", Status: "passing"}}
		if b&well == 0 {
			m.Checks[0].Status = "critical"
		}
	}
	return m
}

func (w *world) rows(app int, ms []bits) []flyctl.Machine {
	out := []flyctl.Machine{}
	for i, b := range ms {
		if b&there != 0 {
			out = append(out, w.row(app, i, b))
		}
	}
	return out
}

// wanted is how many green machines an app is to have.
func (w *world) wanted() int {
	n := 0
	for i, g := range w.gen {
		if g == 1 && !w.drop[w.place[i]] {
			n++
		}
	}
	return n
}

func (w *world) want() capacity.Capacity {
	c := capacity.Capacity{}
	for i, g := range w.gen {
		if g == 1 && !w.drop[w.place[i]] {
			c[fleet.Slot{Group: w.group(i), Region: "iad"}]++
		}
	}
	return c
}

// deploy is a new release of all apps.
func (w *world) deploy() facts.Goal {
	g := facts.Goal{Aim: facts.Forward, Spread: spread, Check: w.check, Bake: w.bake}
	for a := range w.apps {
		before := fleet.BeforeOf(fleet.Believe(w.rows(a, w.start), nobody))
		g.Apps = append(g.Apps, facts.App{Name: appName(a), ID: release(2), Want: w.want(), Size: w.wanted(), Before: &before, HealthTimeout: healthTimeout, StopLate: w.stop})
	}
	return g
}

// rollback is one to the blue machines, that drain.
func (w *world) rollback() facts.Goal {
	g := facts.Goal{Aim: facts.Forward, Rollback: true, Spread: spread}
	for a := range w.apps {
		before := fleet.BeforeOf(fleet.Believe(w.rows(a, w.start), nobody))
		app := facts.App{Name: appName(a), Before: &before, HealthTimeout: healthTimeout}
		for i, gen := range w.gen {
			if gen == 1 {
				app.Older = append(app.Older, id(a, i))
			}
		}
		g.Apps = append(g.Apps, app)
	}
	return g
}

// reaper finishes drains, as a scheduled job does.
func (w *world) reaper() facts.Goal {
	g := facts.Goal{Aim: facts.DrainOnly, Spread: spread}
	for a := range w.apps {
		g.Apps = append(g.Apps, facts.App{Name: appName(a), ID: release(2), HealthTimeout: healthTimeout, StopLate: w.stop})
	}
	return g
}

func appName(a int) string { return fmt.Sprintf("app%d", a) }

func (w *world) first() *state {
	s := &state{left: w.might, now: epoch}
	for a := range w.apps {
		s.m[a] = slices.Clone(w.start)
		s.was[a] = s.m[a]
	}
	s.runs[1].state = absent
	if w.goal == nil {
		w.goal = (*world).deploy
	}
	s.runs[0] = runState{goal: w.goal(w)}
	if w.held {
		r := &s.runs[0]
		for i, g := range w.gen {
			for a := range w.apps {
				if g == 2 {
					s.m[a][i] = there | well
				}
			}
		}
		var lists []fleet.List
		for a := range w.apps {
			lists = append(lists, fleet.Believe(w.rows(a, s.m[a]), nobody))
		}
		w.shown(r, s.m)
		r.facts = Observe(r.goal, r.facts, lists, epoch.Add(-time.Hour), epoch.Add(-time.Hour))
		for a := range r.facts.Apps {
			r.facts.Apps[a].Making.Number = 1
			for id, e := range r.facts.Apps[a].Seen {
				e.InTime = false
				r.facts.Apps[a].Seen[id] = e
			}
		}
		s.was = s.clone().m
	}
	for a := range w.apps {
		s.runs[0].lists[a] = fleet.Believe(w.rows(a, w.start), nobody)
	}
	s.allowed = s.runs[0].goal.Rollback
	if w.second != nil {
		s.runs[1] = runState{goal: w.second(w), lists: s.runs[0].lists}
		s.allowed = s.allowed || s.runs[1].goal.Rollback
	}
	return s
}

func (s *state) clone() *state {
	t := *s
	t.flight = slices.Clone(s.flight)
	for a := range s.m {
		t.m[a] = slices.Clone(s.m[a])
	}
	return &t
}

func (w *world) serves(ms []bits, i int) bool {
	return ms[i]&(up|thin|dead) == up && !w.worker[w.place[i]]
}

func (w *world) serving(ms []bits, p int, count func(gen int) bool) int {
	n := 0
	for i := range ms {
		if w.place[i] == p && w.serves(ms, i) && count(w.gen[i]) {
			n++
		}
	}
	return n
}

func everyGen(int) bool { return true }

// floor is how many served in a place when the world began.
func (w *world) floor(p int) int {
	if w.drop[p] {
		return 0
	}
	return w.serving(w.start, p, everyGen)
}

func (w *world) places() int { return slices.Max(w.place) + 1 }

// holds reports whether a generation alone holds the floor in all apps.
func (w *world) holds(s *state, gen int) bool {
	for a := range w.apps {
		for p := range w.places() {
			if w.serving(s.m[a], p, func(g int) bool { return g == gen }) < w.floor(p) {
				return false
			}
		}
	}
	return true
}

// shown notes what a list shows to a run.
func (w *world) shown(r *runState, seen [2][]bits) {
	count := func(n *int, is bool) {
		if *n = min(*n+1, facts.Tries); !is {
			*n = 0
		}
	}
	fit := 0
	for a := range w.apps {
		for i, m := range seen[a] {
			if w.gen[i] == 2 && m&(there|well|thin|dead) == there|well {
				fit++
			}
		}
		for p := range w.places() {
			count(&r.dark[a][p], w.floor(p) > 0 && w.serving(seen[a], p, everyGen) == 0)
		}
	}
	count(&r.fit, fit >= w.apps*w.wanted())
}

// land is what a command does to the machines.
func (w *world) land(ms []bits, c fleet.Command) []bits {
	ms = slices.Clone(ms)
	if c.Creates() {
		groups := strings.Split(c.Groups, ",")
		made := map[string]bool{}
		for i, g := range w.gen {
			group := w.group(i)
			if g != 2 || ms[i]&there != 0 || made[group] || w.drop[w.place[i]] {
				continue
			}
			if c.Verb == fleet.Clone && group != c.Slot.Group || c.Groups != "" && !slices.Contains(groups, group) {
				continue
			}
			ms[i], made[group] = there|open_, true
		}
		return ms
	}
	_, i := index(c.Machine)
	if i < 0 || ms[i]&there == 0 {
		return ms
	}
	switch c.Verb {
	case fleet.Cordon:
		ms[i] &^= open_
	case fleet.Uncordon:
		ms[i] |= open_
		if ms[i]&well != 0 {
			ms[i] |= busy
		}
	case fleet.Destroy, fleet.Drain:
		ms[i] = 0
	}
	return ms
}

func nobody(string) *fleet.Machine { return nil }
