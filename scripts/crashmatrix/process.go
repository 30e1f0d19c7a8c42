package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	ciPatience = 10 * time.Second // CI systems kill a program so long after they have interrupted it
	endless    = 2 * time.Hour    // a run that takes longer does not end
	mourning   = 2 * time.Minute  // what the dead and their flyctls left behind has ended by then
)

// process is a run of the library that can die.
type process struct {
	bench *bench
	fly   *draintest.Fly
	phase drain.Phase
	trace []step
	ended time.Time // when the first death came
	until int       // calls until then

	mu     sync.Mutex
	deaths []death // still to come
	counts map[call]int

	// before is called before each call, if not nil; a result takes the place of flyctl's.
	before func(c call, machine string) *flyctl.Result

	life   context.Context // nothing has an effect once it has ended
	kill   context.CancelCauseFunc
	ctx    context.Context // what an interrupt ends
	cancel context.CancelCauseFunc
}

// process begins one; its deaths will come in this order.
func (b *bench) process(deaths ...death) *process {
	p := &process{bench: b, fly: b.fly, deaths: deaths, counts: map[call]int{}, phase: drain.PhaseCheck}
	p.life, p.kill = context.WithCancelCause(context.Background())
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	return p
}

// release returns the release that this process runs, with short waits.
func (p *process) release(tag string) drain.Release {
	r := drain.New(p.bench.names()...)
	for i, a := range r.Apps {
		if tag != "" {
			r.Apps[i].Image = image(a.Name, tag)
		}
	}
	if r.OnDrain = p.bench.drain; p.bench.late > 0 {
		r.Deadline, r.AtDeadline = p.bench.late, drain.StopMachine
	}
	r.Smoke, r.Settle, r.Propagation = 2*time.Second, 4*time.Second, 6*time.Second
	r.Flyctl = p.run
	r.Events = func(e drain.Event) {
		if e.Kind == drain.EventPhaseBegun {
			p.mu.Lock()
			p.phase = e.Phase
			p.mu.Unlock()
		}
	}
	return r
}

// run is a Runner that has no effect any more once the process is dead.
func (p *process) run(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
	if p.life.Err() != nil {
		return flyctl.Result{ExitCode: -1}, context.Cause(p.life)
	}
	c, d := p.note(cmd)
	if p.before != nil {
		if res := p.before(c, target(cmd)); res != nil {
			return *res, nil
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.life, func() { cancel(context.Cause(p.life)) })()
	switch {
	case d == nil:
	case d.moment == before:
		p.die(d)
		if p.life.Err() != nil {
			return flyctl.Result{ExitCode: -1}, context.Cause(p.life)
		}
	case d.moment == after:
		defer p.die(d)
	default:
		defer p.strike(ctx, d, target(cmd))()
	}
	res, err := p.fly.Runner()(ctx, cmd)
	if err == nil && command(cmd) == "machine exec" && cmd.Args[3] == p.bench.drain {
		go p.bench.obey(target(cmd))
	}
	return res, err
}

// obey ends a machine's connections one by one, as its app does when it is told to.
func (b *bench) obey(machine string) {
	for open := true; open; <-time.After(time.Second) {
		b.fly.Do(func(w *draintest.World) {
			open = w.Open(machine) > 0
			w.HangUp(machine, 1)
		})
	}
}

// strike arranges a death in the middle of the next command. It returns what to do when
// that command has ended without one.
func (p *process) strike(ctx context.Context, d *death, machine string) (ended func()) {
	f := &draintest.Fault{Command: d.call.command, App: d.call.app, Machine: machine, Call: d.moment.effect, Skip: d.moment.nth - 1, Times: 1}
	if d.moment.effect == "create" {
		f.Machine = "" // it has none yet
	}
	if d.moment.late > 0 {
		f.Slow = d.moment.late
		outlive := &draintest.Fault{Command: f.Command, App: f.App, Machine: machine, Outlive: true, Times: 1}
		p.fly.Do(func(w *draintest.World) { w.Faults = append(w.Faults, f, outlive) })
		time.AfterFunc(200*time.Millisecond, func() { p.die(d) })
		return func() {}
	}
	f.Hang, f.AfterEffect = true, true
	p.fly.Do(func(w *draintest.World) { w.Faults = append(w.Faults, f) })
	go func() {
		for hung := false; !hung; {
			<-time.After(10 * time.Millisecond)
			if ctx.Err() != nil {
				return
			}
			p.fly.Do(func(*draintest.World) { hung = f.Hung > 0 })
		}
		p.die(d)
	}()
	return func() {
		p.fly.Do(func(w *draintest.World) {
			w.Faults = slices.DeleteFunc(w.Faults, func(o *draintest.Fault) bool { return o == f })
		})
	}
}

// note records a call, and returns the death that comes with it, or nil.
func (p *process) note(cmd flyctl.Command) (call, *death) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := call{app: p.app(cmd), command: command(cmd)}
	p.counts[c]++
	c.ordinal = p.counts[c]
	p.trace = append(p.trace, step{c, p.phase, len(p.trace) + 1, p.creates(cmd)})
	if len(p.deaths) == 0 || p.deaths[0].call != c {
		return c, nil
	}
	d := p.deaths[0]
	p.deaths = p.deaths[1:]
	return c, &d
}

// die ends the process, or interrupts it.
func (p *process) die(d *death) {
	p.mu.Lock()
	if p.ended.IsZero() {
		p.ended, p.until = time.Now(), len(p.trace)
	}
	p.mu.Unlock()
	if d.killed {
		p.kill(draintest.ErrKilled)
		p.cancel(draintest.ErrKilled)
	}
	p.cancel(context.Canceled) // a cause is set but once
}

// complete reports whether all deaths have come.
func (p *process) complete() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.deaths) == 0 && !p.ended.IsZero()
}

// after are the calls that were made after an interrupt.
func (p *process) after() []step {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended.IsZero() {
		return nil
	}
	return slices.Clone(p.trace[p.until:])
}

// dead returns how long ago the first death came, and whether one has.
func (p *process) dead() (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended.IsZero() {
		return 0, false
	}
	return time.Since(p.ended), true
}

// app is the app that a command is about: the first one for those that name none.
func (p *process) app(cmd flyctl.Command) string {
	if i := slices.Index(cmd.Args, "--app"); i >= 0 {
		return cmd.Args[i+1]
	}
	return p.bench.names()[0]
}

// creates is how many machines a command makes: a deploy one for each group.
func (p *process) creates(cmd flyctl.Command) int {
	switch name := command(cmd); {
	case name == "deploy" && !slices.Contains(cmd.Args, "--update-only"):
		return len(p.bench.shape)
	case name == "machine clone":
		return 1
	}
	return 0
}
