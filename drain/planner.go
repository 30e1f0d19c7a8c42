package drain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/idle"
	"github.com/flydrain/flydrain/drain/internal/lists"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// planner is a world in which commands change copies of the machine lists, and the
// clock jumps to the end of each wait. Commands run as in a release, except that flyctl
// changes nothing.
type planner struct {
	run     *run
	plan    Plan
	apps    map[string]*copied
	time    time.Time
	ran     bool // the last decision had a command
	created int
}

// copied is one app's machine list, as the plan has changed it.
type copied struct {
	found, rows []flyctl.Machine
	ran         []PlannedCommand // by the command that is being planned
}

// copyOf takes an app's flyctl and its list for a copy of both.
func (p *planner) copyOf(a *app) {
	c, list := &copied{}, a.fly.List
	p.apps[a.Name] = c
	a.lists = lists.New(func(ctx context.Context) (_ []flyctl.Machine, err error) {
		if c.rows == nil {
			c.found, err = list(ctx)
			c.rows = c.found
		}
		return c.rows, err
	}, time.Nanosecond)
	a.acting = &flyctl.Client{App: a.Name, Dir: a.Dir, Config: a.Config, Every: time.Nanosecond, Run: func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		planned := PlannedCommand{App: a.Name, Args: shownArgs(cmd.Args)}
		if cmd.Dir != "" { // it reads fly.toml
			planned.Dir = a.Dir
		}
		c.ran = append(c.ran, planned)
		return flyctl.Result{Stderr: []byte("image: IMAGE\n")}, nil
	}}
}

func (p *planner) now() time.Time { return p.time }

// shownArgs are a command's arguments without what may be secret: our own mark is not.
func shownArgs(args []string) []string {
	out := flyctl.PrintableArgs(args)
	for i, arg := range args {
		if strings.HasPrefix(arg, fleet.MarkEnv+"=") {
			out[i] = arg
		}
	}
	return out
}

// start runs the decision's commands one after another, and plans them as one step.
func (p *planner) start(ctx context.Context, d rollout.Decision) error {
	step := PlanStep{Phase: p.run.phase(d), Why: d.Why}
	p.ran = len(d.Run) > 0
	if !p.ran && d.Until.After(p.time) {
		step.Wait = d.Until.Sub(p.time).Seconds()
	}
	for _, cs := range fleet.Together(d.Run, p.run.alone) {
		commands, err := p.execute(ctx, p.run.appOf(cs[0]), cs)
		if err != nil {
			return err
		}
		step.Commands = append(step.Commands, commands...)
		for _, c := range cs {
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

// execute runs commands on the copy that flyctl runs as one, and returns the flyctl commands
// that they are.
func (p *planner) execute(ctx context.Context, a *app, cs []fleet.Command) ([]PlannedCommand, error) {
	of, c := p.apps[a.Name], cs[0]
	of.ran = nil
	var err error
	if c.Verb == fleet.Drain || c.Verb == fleet.Destroy {
		if m := a.lists.Row(c.Machine); !m.Stopped() && !idle.NeverRan(m.Machine) {
			err = a.acting.Stop(ctx, c.Machine, flyctl.StopOptions{StopConfig: m.Config.StopConfig})
		}
		if err == nil {
			err = a.acting.Destroy(ctx, c.Machine)
		}
		a.lists.Forget(c.Machine)
	} else {
		p.run.executeAll(ctx, a, cs, func(_ fleet.Command, _ string, failed error) { err = failed })
	}
	seen, i := p.run.latest(a)
	l := fleet.Believe(of.rows, func(string) *fleet.Machine { return nil })
	for _, c := range cs {
		l = fleet.Apply(l, c, p.create(a, seen.goal.Apps[i], c)...)
	}
	of.rows = l.Rows()
	return of.ran, err
}

// create returns the machines that a command would create, as healthy as green is
// taken to become.
func (p *planner) create(a *app, goal facts.App, c fleet.Command) []*fleet.Machine {
	var slots []fleet.Slot
	switch c.Verb {
	case fleet.Clone:
		slots = append(slots, c.Slot)
	case fleet.Deploy:
		for _, g := range goal.Want.Groups() {
			if c.Groups == "" || slices.Contains(strings.Split(c.Groups, ","), g) {
				slots = append(slots, fleet.Slot{Group: g, Region: goal.Region, Guest: c.Slot.Guest})
			}
		}
	}
	var out []*fleet.Machine
	for _, s := range slots {
		p.created++
		m := flyctl.Machine{ID: fmt.Sprintf("green%d", p.created), Region: s.Region, State: "started", CreatedAt: p.time}
		m.Config = flyctl.Config{Image: "IMAGE", Guest: s.Guest, Env: map[string]string{fleet.MarkEnv: a.mark.String()},
			Metadata: map[string]string{"fly_process_group": s.Group, "fly_platform_version": "v2"}}
		for _, old := range p.apps[a.Name].rows {
			if old.Group() == s.Group {
				m.Config.Services = slices.Clone(old.Config.Services)
			}
		}
		for i := range m.Config.Services {
			m.Config.Services[i].Checks = nil // they are taken to pass
		}
		if c.Verb == fleet.Deploy && !fleet.Sizes(a.config, s.Group) {
			m.Config.Guest = cmp.Or(s.Guest, fleet.DefaultSize)
		}
		if s.Standby {
			m.Config.Standbys, m.State = []string{c.Stands}, "stopped"
		}
		out = append(out, &fleet.Machine{Machine: m})
	}
	return out
}

// Plan returns what an operation, such as [OperationDeploy], would do. It changes
// nothing, and builds nothing. Like a release, it asks the probes about one machine of
// each group.
func (r Release) Plan(ctx context.Context, operation string) (Plan, error) {
	do, ok := map[string]func(*run, context.Context) error{OperationDeploy: (*run).deploy, OperationRollback: (*run).rollback,
		OperationResume: (*run).resume, OperationDrain: (*run).drain}[operation]
	if !ok {
		return Plan{}, shown(fmt.Errorf("%w: no operation is called %q", flyctl.ErrUsage, operation))
	}
	p := &planner{apps: map[string]*copied{}, time: time.Now()}
	r.Check = nil
	r.Events = func(e Event) {
		if e.Kind == EventWarning {
			p.plan.Warnings = append(p.plan.Warnings, e.Why)
		}
	}
	j, end, err := r.begin(ctx)
	if err != nil {
		return Plan{}, shown(err)
	}
	defer end()
	p.run, j.world = j, p
	for _, a := range j.apps {
		p.copyOf(a)
	}
	err = do(j, ctx)
	for i, a := range j.part {
		l, want := fleet.Believe(p.apps[a.Name].found, func(string) *fleet.Machine { return nil }).Managed(), j.goal.Apps[i].Want
		p.plan.Apps = append(p.plan.Apps, AppPlan{App: a.Name, Blue: l.Uncordoned().IDs(), Drains: l.Cordoned().IDs(), Green: want.Total(), Reasons: want.Reasons(a.config, l.Uncordoned())})
	}
	safe(&p.plan)
	return p.plan, shown(err)
}
