package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
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

func (o *outcome) converged() bool { return o.runs > 0 && len(o.broken)+len(o.wrong) == 0 }

func (o *outcome) mistake(format string, args ...any) {
	o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
}

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

// run is one of a release's methods.
type run = func(context.Context) (drain.Report, error)

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

const (
	ciPatience = 10 * time.Second // CI systems kill a program so long after they have interrupted it
	endless    = 2 * time.Hour    // a run that takes longer does not end
	mourning   = 2 * time.Minute  // what the dead and their flyctls left behind has ended by then
)

// bench is where a cell is tried: its world, and what was found out.
type bench struct {
	*scenario
	dir     string // with the fly.toml
	fly     *draintest.Fly
	was     []string        // the machines that were open when the first run began
	most    int             // more runs that it may take
	touched map[string]bool // machines that somebody else has changed
	others  sync.WaitGroup  // runs of somebody else's
	beside  bool            // there was one
	outcome
}

func (s *scenario) bench(dir string) *bench {
	b := &bench{scenario: s, dir: s.folder(dir), fly: s.begin(), most: 1, touched: map[string]bool{}}
	b.was = b.open()
	b.reached = true
	return b
}

// try must be called in a bubble of simulated time.
func (c *cell) try(dir string) {
	b := c.scenario.bench(dir)
	if c.trouble != nil {
		b.suffers(c.trouble, c.step.call)
	}
	for i, deaths := range c.deaths {
		p := b.process(deaths...)
		run := c.next.run(b, p)
		if i == 0 {
			run = c.scenario.do(p.release("v3"))
			if deaths[0].moment.late > 0 {
				b.most = 2 // the next run is at work when the machine comes, and may give up
			}
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

// dies runs until death: a run that is killed is left at once, an interrupted
// one has its time to come to an end by itself.
func (b *bench) dies(p *process, run run) {
	type ending struct {
		report drain.Report
		err    error
	}
	ended := make(chan ending, 1)
	go func() {
		report, err := run(p.ctx)
		ended <- ending{report, err}
	}()
	select {
	case <-p.life.Done():
	case e := <-ended:
		took, died := p.dead()
		switch {
		case !died && e.err != nil:
			b.mistake("a run that was not ended failed: %s: %v", e.report.Result, e.err)
		case died && took > ciPatience:
			b.mistake("it took %v to leave", took.Round(time.Millisecond))
		case died:
			b.truth(e.report, e.err)
		}
	}
	b.reached = b.reached && p.complete()
}

// goOn runs once more, and again until all is well, to find out how often it takes.
func (b *bench) goOn(what next) {
	for n := 1; n <= 3 && b.runs == 0; n++ {
		p := b.process()
		ctx, cancel := context.WithTimeout(p.ctx, endless)
		report, err := what.run(b, p)(ctx)
		cancel()
		if n == 1 && b.small {
			b.again = p.trace
		}
		trouble := b.unsettled(what)
		if err != nil || report.Result != drain.ResultDone {
			trouble = fmt.Sprintf("run %d ended %s: %v", n, report.Result, err)
		} else if trouble != "" {
			trouble = fmt.Sprintf("run %d says that it is done: %s", n, trouble)
		}
		if trouble == "" {
			b.runs = n
		} else if n >= b.most {
			b.mistake("%s", trouble)
		}
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

// unsettled tells what is not as it should be when a run says that it is done.
func (b *bench) unsettled(what next) (text string) {
	may := b.serves
	if what == anotherDeploy {
		may = []string{"v4"}
	}
	var tags []string
	b.fly.Do(func(w *draintest.World) {
		for _, app := range b.names() {
			have := map[string]int{}
			for _, m := range w.Live(app) {
				if t := tag(m); !slices.Contains(tags, t) {
					tags = append(tags, t)
				}
				have[kind(m)]++
			}
			is, want := census(have), b.census()
			if len(b.touched) > 0 { // it may be stronger or weaker, and no machine may be held
				is, want = census(strange(have)), ""
			}
			if is != want {
				text += fmt.Sprintf("%s is %s and should be %s; ", app, is, want)
			}
		}
	})
	if len(tags) != 1 || !slices.Contains(may, tags[0]) {
		text += fmt.Sprintf("there are images %v, and there should be one of %v", tags, may)
	}
	return text
}

func tag(m *draintest.Machine) string {
	_, tag, _ := strings.Cut(m.Config.Image, ":")
	return tag
}

// kind is what a machine counts for: "app=iad", with what is wrong with it.
func kind(m *draintest.Machine) string {
	k := m.Group() + "=" + m.Region
	if m.Cordoned || m.State != "started" {
		k += fmt.Sprintf(" (%s, cordoned: %v)", m.State, m.Cordoned)
	}
	return k
}

// strange are the kinds of machines that are neither open and started nor at rest, as
// is what takes the place of a machine that somebody else has stopped.
func strange(have map[string]int) map[string]int {
	out := map[string]int{}
	for k, n := range have {
		if strings.Contains(k, "(") && !strings.HasSuffix(k, "(stopped, cordoned: false)") {
			out[k] = n
		}
	}
	return out
}

// census is how many machines of each kind there are, in one line.
func census(have map[string]int) string {
	var parts []string
	for k, n := range have {
		parts = append(parts, fmt.Sprintf("%s:%d", k, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}
