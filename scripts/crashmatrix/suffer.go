package main

import (
	"context"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// suffers is the first run, with a trouble at one of its calls.
func (b *bench) suffers(t *trouble, at call) {
	p := b.process()
	p.before = func(c call, machine string) *flyctl.Result {
		if c != at {
			return nil
		}
		return p.befall(t, c, machine)
	}
	ctx, cancel := context.WithTimeout(p.ctx, endless)
	defer cancel()
	report, err := b.do(p.release("v3"))(ctx)
	if ctx.Err() != nil {
		b.mistake("it does not end")
	}
	p.mu.Lock()
	b.reached = slices.ContainsFunc(p.trace, func(s step) bool { return s.call == at })
	p.mu.Unlock()
	if !b.beside {
		b.truth(report, err)
	}
	b.result = report.Result
	b.others.Wait()
	b.fly.Do(func(w *draintest.World) { w.Faults = nil })
	if <-time.After(2 * time.Minute); t.event != nil { // what somebody else did passes, too
		<-time.After(t.event.For)
	}
}

// befall lets a trouble happen; a result means that flyctl is not run at all.
func (p *process) befall(t *trouble, c call, machine string) *flyctl.Result {
	switch {
	case t.lie:
		return &flyctl.Result{}
	case t.fault != nil:
		f := *t.fault
		f.Command, f.App = c.command, c.app
		if f.Times == 0 {
			f.Times = 1
		}
		if f.View == "" && !slices.Contains([]string{"deploy", "machine clone"}, c.command) {
			f.Machine = machine
		}
		p.fly.Do(func(w *draintest.World) { w.Faults = append(w.Faults, &f) })
	case t.event != nil:
		p.bench.happens(*t.event, c.app, t.all)
	default:
		p.bench.start(t.beside)
	}
	return nil
}

// start begins a run of somebody else's, on all apps.
func (b *bench) start(what func(drain.Release) run) {
	b.each(func(_ *draintest.World, _ int, m *draintest.Machine) { b.touched[m.ID] = true })
	b.beside = true
	run := what(b.process().release("v5"))
	b.others.Go(func() { _, _ = run(context.Background()) }) // what it says is its own affair
}
