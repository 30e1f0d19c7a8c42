package main

import (
	"context"
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain"
)

// cell is one way of dying in a scenario, or of dying again and again, and the
// run after that; or something else that goes wrong.
type cell struct {
	scenario *scenario
	step     step      // of the first death, or of the trouble
	deaths   [][]death // by run; within a run, a kill can follow an interrupt
	trouble  *trouble
	next     next // what runs after each death
	outcome
}

func (c *cell) converged() bool { return c.tried && len(c.broken)+len(c.wrong) == 0 }

func (c *cell) String() string {
	text := c.scenario.name
	if c.trouble != nil {
		return fmt.Sprintf("%s: %s at %s", text, c.trouble.name, c.step.call)
	}
	for _, run := range c.deaths {
		for _, d := range run {
			text += ": " + d.String()
		}
	}
	return text + ": then " + string(c.next)
}

// next is what is run after a death.
type next string

const (
	anotherDeploy next = "deploy"
	aResume       next = "resume"
)

func (n next) run(b *bench, p *process) run {
	if n == aResume {
		return p.release("").Resume
	}
	return p.release("v4").Deploy
}

// try must be called in a bubble of simulated time.
func (c *cell) try() {
	b := c.scenario.bench()
	if c.trouble != nil {
		b.suffers(c.trouble, c.step.call)
	}
	for i, deaths := range c.deaths {
		p := b.process(deaths...)
		run := c.next.run(b, p)
		if i == 0 {
			run = c.scenario.do(p.release("v3"))
		}
		b.dies(p, run)
		if i == 0 && c.scenario.small {
			b.after = p.after()
		}
	}
	b.goOn(c.next)
	<-time.After(mourning) // all must end before the bubble does
	b.judge()
	c.outcome = b.outcome
}

// dies runs until death. It leaves a killed run at once, and waits for an interrupted
// one to end.
func (b *bench) dies(p *process, run run) {
	ended := make(chan func(), 1)
	go func() {
		report, err := run(p.ctx)
		ended <- func() {
			switch took, died := p.dead(); {
			case !died && err != nil:
				b.mistake("a run that was not ended failed: %s: %v", report.Result, err)
			case died && took > ciPatience:
				b.mistake("it took %v to leave", took.Round(time.Millisecond))
			case died:
				b.truth(report, err)
			}
		}
	}()
	select {
	case <-p.life.Done():
	case look := <-ended:
		look()
	}
	b.reached = b.reached && p.complete()
}

// goOn runs once more, after which all must be well.
func (b *bench) goOn(what next) {
	may := b.serves
	if what == anotherDeploy {
		may = []string{"v4"}
	}
	p := b.process()
	ctx, cancel := context.WithTimeout(p.ctx, endless)
	defer cancel()
	report, err := what.run(b, p)(ctx)
	b.tried = true
	if b.small {
		b.again = p.trace
	}
	if err != nil || report.Result != drain.ResultDone {
		b.mistake("the next run ended %s: %v", report.Result, err)
	} else if trouble := b.unsettled(may); trouble != "" {
		b.mistake("the next run says that it is done: %s", trouble)
	}
	b.resumeAgain()
}

// resumeAgain resumes where there is nothing left to do, which must change nothing.
func (b *bench) resumeAgain() {
	p := b.process()
	ctx, cancel := context.WithTimeout(p.ctx, endless)
	defer cancel()
	report, err := p.release("").Resume(ctx)
	if err != nil || report.Result != drain.ResultDone {
		b.mistake("S7: another resume ended %s: %v", report.Result, err)
	}
	for _, s := range p.trace {
		if s.changes() {
			b.mistake("S7: another resume ran %s", s.call)
		}
	}
}
