package drain

import (
	"context"
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/safe"
)

// planner is a world in which commands change copies of the machine lists, and the
// clock jumps to the end of each wait. Commands run as in a release, except that flyctl
// changes nothing.
type planner struct {
	run  *run
	plan Plan
	apps map[string]*copied
	time time.Time
	ran  bool // the last decision had a command
	made int  // machines
}

// Plan returns what an operation would do: "deploy", "rollback", "resume" or "drain". It
// changes nothing, and builds nothing. Like a release, it asks the probes about one
// machine of each group.
func (r Release) Plan(ctx context.Context, operation string) (Plan, error) {
	p := &planner{plan: Plan{Apps: []AppPlan{}, Steps: []PlanStep{}}, apps: map[string]*copied{}, time: time.Now()}
	do, ok := map[string]func(*run, context.Context) error{opDeploy: (*run).deploy, opRollback: (*run).rollback,
		opResume: (*run).resume, opDrain: (*run).drain}[operation]
	if !ok {
		return p.plan, safe.Error(fmt.Errorf("%w: no operation is called %q: want deploy, rollback, resume or drain", flyctl.ErrUsage, operation))
	}
	r.Check = nil
	r.Events = func(e Event) {
		if e.Kind == EventWarning {
			p.plan.Warnings = append(p.plan.Warnings, e.Why)
		}
	}
	j, ctx, end, err := r.begin(ctx)
	if err != nil {
		return p.plan, safe.Error(err)
	}
	defer end()
	p.run, j.world = j, p
	for _, a := range j.apps {
		p.apps[a.Name] = a.copy()
	}
	err = do(j, ctx)
	for i, a := range j.part {
		l, want := p.apps[a.Name].found.Managed(), j.goal.Apps[i].Want
		p.plan.Apps = append(p.plan.Apps, AppPlan{App: a.Name, Blue: l.Uncordoned().IDs(), Draining: l.Cordoned().IDs(), Green: want.Total(), Reasons: want.Reasons(a.config, l.Uncordoned())})
	}
	safe.In(&p.plan)
	return p.plan, safe.Error(err)
}

func (p *planner) now() time.Time { return p.time }

// start runs the decision's commands one after another, and plans them as one step.
func (p *planner) start(ctx context.Context, d rollout.Decision) error {
	step := PlanStep{Phase: p.run.phase(d), Why: d.Why}
	p.ran = len(d.Run) > 0
	if !p.ran && d.Until.After(p.time) {
		step.Wait = d.Until.Sub(p.time).Seconds()
	}
	for _, cs := range fleet.Together(d.Run, p.run.alone) {
		of := p.apps[cs[0].App]
		of.ran = nil
		if err := p.execute(ctx, p.run.appOf(cs[0]), cs); err != nil {
			return err
		}
		step.Commands = append(step.Commands, of.ran...)
		for _, c := range cs {
			of.now = fleet.Apply(of.now, c, p.create(c)...)
			p.run.end(ended{command: c})
		}
	}
	if last := len(p.plan.Steps) - 1; last >= 0 && !p.ran && p.plan.Steps[last].Why == d.Why {
		p.plan.Steps[last].Wait += step.Wait // it goes on
	} else {
		p.plan.Steps = append(p.plan.Steps, step)
	}
	return nil
}

// wait jumps to until, or, where a command has just run, to the next look.
func (p *planner) wait(_ context.Context, _ time.Duration, until time.Time) {
	if p.ran || !until.After(p.time) {
		until = p.time.Add(time.Second)
	}
	p.time = until
}

// execute runs commands that flyctl runs as one. A machine that drains is taken to be idle.
func (p *planner) execute(ctx context.Context, a *app, cs []fleet.Command) (err error) {
	c := cs[0]
	if c.Verb != fleet.Drain && c.Verb != fleet.Destroy {
		p.run.executeAll(ctx, a, cs, func(_ fleet.Command, _ string, failed error) { err = failed })
		return err
	}
	if m := a.lists.Row(c.Machine); !m.Stopped() && !m.NeverRan() {
		if err := a.acting.Stop(ctx, c.Machine, flyctl.StopOptions{StopConfig: m.Config.StopConfig}); err != nil {
			return err
		}
	}
	a.lists.Forget(c.Machine)
	return a.acting.Destroy(ctx, c.Machine)
}

// create returns the machines that a command creates.
func (p *planner) create(c fleet.Command) (out []*fleet.Machine) {
	j, i, slots := p.run, p.run.placeOf(c), []fleet.Slot{c.Slot}
	switch c.Verb {
	case fleet.Deploy:
		slots = nil
		for _, group := range j.facts.Apps[i].Making.Asked {
			slots = append(slots, fleet.Slot{Group: group, Region: j.goal.Apps[i].Region, Guest: c.Slot.Guest})
		}
	case fleet.Clone:
	default:
		return nil
	}
	for _, s := range slots {
		p.made++
		out = append(out, p.apps[c.App].create(fmt.Sprintf("green%d", p.made), s, c.Stands, j.part[i].mark, p.time))
	}
	return out
}
