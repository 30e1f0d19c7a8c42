package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
)

// plan is one run of the campaign, as data: all of it follows from the seed.
type plan struct {
	seed     uint64
	apps     int
	shape    []string
	autostop bool
	onTop    bool // a generation drains already
	what     string
	busy     time.Duration // how long the first connections last
	load     time.Duration // between new ones
	faults   []*draintest.Fault
	events   []happening
	dies     int // at this call; 0: it does not
	killed   bool
	beside   string        // what somebody else runs meanwhile
	after    time.Duration // and from when on
}

// happening is what somebody else does to a machine of an app, and when.
type happening struct {
	at     time.Duration
	app    int
	action draintest.Action
	all    bool // of the machines that it can happen to
}

func (p plan) String() string {
	text := fmt.Sprintf("seed %d: %s of %d apps %v, connections of %v, one more each %v", p.seed, p.what, p.apps, p.shape, p.busy, p.load)
	if p.onTop {
		text += ", on top of a generation that drains"
	}
	if p.autostop {
		text += ", autostop"
	}
	for _, f := range p.faults {
		text += fmt.Sprintf("\n\tfault: %+v", *f)
	}
	for _, e := range p.events {
		text += fmt.Sprintf("\n\tafter %v, app-%d: %+v", e.at, e.app, e.action)
	}
	switch {
	case p.dies > 0 && p.killed:
		text += fmt.Sprintf("\n\tkilled at call %d", p.dies)
	case p.dies > 0:
		text += fmt.Sprintf("\n\tinterrupted at call %d", p.dies)
	}
	if p.beside != "" {
		text += fmt.Sprintf("\n\tsomebody else's %s after %v", p.beside, p.after)
	}
	return text
}

// chooser draws each choice from a stream of its own, so that a seed means the
// same when another choice is added.
type chooser uint64

func (c chooser) n(name string, n int) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(uint64(c), h.Sum64())).IntN(n)
}

func (c chooser) percent(name string, p int) bool { return c.n(name, 100) < p }

func (c chooser) seconds(name string, most int) time.Duration {
	return time.Duration(c.n(name, most*10)) * 100 * time.Millisecond
}

func (c chooser) of(name string, from ...string) string { return from[c.n(name, len(from))] }

func newPlan(seed uint64) plan {
	c := chooser(seed)
	p := plan{seed: seed, apps: 1, what: "deploy", busy: time.Second + c.seconds("busy", 60)}
	if c.percent("many apps", 20) {
		p.apps = 2 + c.n("apps", 2)
	}
	p.shape = append(p.shape, c.of("shape", "app=iad:1", "app=iad:2", "app=iad:1,lhr:1", "app=iad:2,lhr:1"))
	if c.percent("worker", 50) {
		p.shape = append(p.shape, "worker=iad:1")
	}
	p.onTop = c.percent("on top", 30)
	if p.onTop {
		p.what = c.of("what", "deploy", "deploy", "rollback", "resume", "drain")
	}
	p.autostop = c.percent("autostop", 10)
	p.load = 24 * time.Hour // none come
	if c.percent("load", 50) {
		p.load = time.Second + c.seconds("load each", 10)
	}
	for i := range c.n("faults", 4) {
		p.faults = append(p.faults, c.fault(fmt.Sprintf("fault %d ", i)))
	}
	if c.percent("events", 40) {
		for i := range 1 + c.n("events", 2) {
			p.events = append(p.events, c.event(fmt.Sprintf("event %d ", i), p.apps))
		}
	}
	if c.percent("dies", 30) {
		p.dies, p.killed = 1+c.n("dies at", 50*p.apps), c.percent("killed", 60)
	}
	if c.percent("beside", 12) {
		p.beside, p.after = c.of("beside what", "deploy", "drain", "resume"), c.seconds("beside after", 60)
	}
	return p
}

// newDuel is a deploy beside another one, with faults or without.
func newDuel(seed uint64) plan {
	c := chooser(seed)
	p := newPlan(seed)
	p.what, p.beside, p.events, p.dies = "deploy", "deploy", nil, 0
	if c.percent("calm", 50) {
		p.faults = nil
	}
	if p.after = 0; c.percent("later", 80) {
		p.after = time.Duration(c.n("after", 30_000)) * time.Millisecond
	}
	return p
}

func (c chooser) fault(name string) *draintest.Fault {
	f := &draintest.Fault{Command: c.of(name+"command", slices.Concat(changing, reading)...),
		Skip: c.n(name+"skip", 5), Times: 1 + c.n(name+"times", 3)}
	switch c.of(name+"kind", "refused", "refused", "done and refused", "contradicts", "slow", "hang", "exit", "cut", "view", "view") {
	case "done and refused":
		f.AfterEffect = true
		fallthrough
	case "refused":
		f.Status = []int{408, 429, 500, 502, 503, 504}[c.n(name+"status", 6)]
		if c.percent(name+"reset", 15) {
			f.Status, f.Message = 500, "read tcp 10.0.0.1:443: read: connection reset by peer"
		}
	case "contradicts":
		f.Command, f.Times = c.of(name+"acts", changing[1:]...), 1+c.n(name+"long", 8)
		f.Status, f.Message = 404, "machine not found"
		if slices.Contains([]string{"machine stop", "machine destroy", "machine start"}, f.Command) {
			f.Status, f.Message = 412, "failed_precondition: unable to change machine from current state: 'replacing'"
		}
	case "slow":
		f.Slow, f.AfterEffect = c.seconds(name+"slow", 30), c.percent(name+"after", 50)
	case "hang":
		f.Hang, f.AfterEffect, f.Times = true, c.percent(name+"after", 50), 1
		if f.Command == "deploy" {
			f.Call = "list" // what hangs for ever is tested elsewhere
		}
	case "exit":
		f.Exit = []int{1, 126, 127}[c.n(name+"exit", 3)]
	case "cut":
		f.Cut, f.Keep = true, c.n(name+"keep", 3000)
	case "view":
		f.Command, f.Skip = "machine list", c.n(name+"lists", 30)
		f.View = c.of(name+"view", "stale", "stale", "empty", "short", "no-cordoned", "no-config", "no-image", "1970")
		f.Age, f.Region = 500*time.Millisecond+c.seconds(name+"age", 5), c.of(name+"region", "iad", "lhr")
	}
	return f
}

func (c chooser) event(name string, apps int) happening {
	green := c.percent(name+"green", 50)
	h := happening{
		at:  c.seconds(name+"at", 60),
		app: c.n(name+"app", apps),
		action: draintest.Action{
			Kind: c.of(name+"kind", "autostop", "destroy", "cordon", "uncordon", "crash", "sick", "lease", "unreachable", "deploy", "update"),
			For:  10*time.Second + c.seconds(name+"for", 120), Group: "app", Green: green, Blue: !green,
			Image: "registry.fly.io/app-0:v9",
		},
		all: c.percent(name+"all", 20),
	}
	if h.action.Kind == "unreachable" && c.percent(name+"lost", 50) {
		h.action.For = lost
	}
	return h
}

// scenario is the world that the plan begins in.
func (p plan) scenario() *scenario {
	return &scenario{
		name: p.String(), apps: p.apps, shape: p.shape, onTop: p.onTop, lives: p.busy, every: p.load,
		rough: len(p.faults)+len(p.events) > 0 || p.beside != "", drains: p.what == "drain", autostop: p.autostop,
	}
}
