package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Plan is what a release would do. Machines that do not exist yet are called
// green1, green2, …; an image that is not built yet, IMAGE; the mark, MARK.
type Plan struct {
	Apps     []AppPlan        `json:"apps"`
	Commands []PlannedCommand `json:"commands"` // those that change something, in their order
}

// AppPlan is what a release would do to one app, and why.
type AppPlan struct {
	App     string   `json:"app"`
	Blue    []string `json:"blue"`    // the machines that serve now
	Drains  []string `json:"drains"`  // the machines that are cordoned already, and would be destroyed too
	Green   int      `json:"green"`   // how many machines would be created and kept
	Reasons []string `json:"reasons"` // such as "2 of app in lhr, as blue has 2"
}

// PlannedCommand is a flyctl command, in the order in which the release begins
// them; those of one phase run side by side.
type PlannedCommand struct {
	Phase Phase    `json:"phase"`
	App   string   `json:"app"`
	Dir   string   `json:"dir,omitempty"` // the folder to run it in, where that matters
	Args  []string `json:"args"`
}

// Plan returns what Deploy would do. It changes nothing, and builds nothing. What an
// earlier run left unfinished must be repaired first (see Resume).
func (r Release) Plan(ctx context.Context) (Plan, error) {
	j, end, err := r.newJob(ctx)
	if err != nil {
		return Plan{}, err
	}
	defer end()
	if err := j.stand(ctx); err != nil {
		return Plan{}, err
	}
	if parts := j.unfinished(); len(parts) > 0 {
		mk := parts[0].apps[0].standing.mark
		return Plan{}, refuse("release %s is unfinished: repair that first (Resume, -resume)", mk.id).mend(j.report.another("-resume"))
	}
	if err := j.checkAll(ctx, time.Now()); err != nil {
		return Plan{}, err
	}
	return j.plan(ctx)
}

func (j *job) plan(ctx context.Context) (Plan, error) {
	var p Plan
	for _, phase := range []Phase{PhaseBuild, PhasePrepare, PhaseCutover, PhaseDrain} {
		for _, a := range j.apps {
			commands, err := a.planned(ctx, phase)
			if err != nil {
				return p, err
			}
			p.Commands = append(p.Commands, commands...)
		}
	}
	for _, a := range j.apps {
		p.Apps = append(p.Apps, AppPlan{App: a.Name, Blue: a.report.Blue, Drains: a.drains.ids(), Green: a.want.total(), Reasons: a.reasons()})
	}
	return p, nil
}

// sketch is green as it would be made: names in place of ids, in their order.
type sketch struct {
	firsts  []flyctl.Machine // made by the deploy
	clones  []planClone
	serving fleet // all but the standbys
	surplus fleet
}

type planClone struct {
	slot   slot
	name   string
	source string
}

// sketch makes up the machines that prepare would make. Each group's first is
// flyctl's own, in the primary region; the others are clones of it.
func (a *appJob) sketch() sketch {
	var s sketch
	n := 0
	name := func() string { n++; return fmt.Sprintf("green%d", n) }
	region := a.config.PrimaryRegion
	var firsts fleet
	for _, g := range a.config.Groups() {
		m := flyctl.Machine{ID: name(), Region: region, State: "started"}
		m.Config.Metadata = map[string]string{"fly_process_group": g, "fly_platform_version": "v2"}
		if !a.config.Sizes(g) {
			m.Config.Guest = largest(a.situation.blue)
		}
		firsts = append(firsts, m)
	}
	missing, surplus := a.want.match(firsts)
	s.firsts, s.surplus, s.serving = firsts, surplus, slices.Clone(firsts)
	for _, sl := range missing.slots() {
		for range missing[sl] {
			i := slices.IndexFunc(firsts, func(m flyctl.Machine) bool { return m.Group() == sl.group })
			c := planClone{slot: sl, name: name(), source: firsts[i].ID}
			s.clones = append(s.clones, c)
			if !sl.standby {
				m := flyctl.Machine{ID: c.name, Region: sl.region}
				m.Config.Metadata = firsts[i].Config.Metadata
				s.serving = append(s.serving, m)
			}
		}
	}
	return s
}

// dry returns a client for this app that passes each command to tell and runs nothing.
func (a *appJob) dry(tell func(flyctl.Command)) *flyctl.Client {
	return &flyctl.Client{App: a.Name, Dir: a.Dir, Config: a.Config, Every: time.Nanosecond,
		Run: func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			tell(cmd)
			return flyctl.Result{}, nil
		}}
}

// planned returns an app's commands in a phase, from the methods that a release calls.
func (a *appJob) planned(ctx context.Context, phase Phase) (commands []PlannedCommand, err error) {
	fly := a.dry(func(cmd flyctl.Command) {
		c := PlannedCommand{Phase: phase, App: a.Name, Args: cmd.Args}
		if cmd.Dir != "" {
			c.Dir = a.Dir // "" is the current folder
		}
		commands = append(commands, c)
	})
	do := func(failed error) { err = errors.Join(err, failed) }
	green := a.sketch()
	image := a.report.Image
	if image == "" {
		image = cmp.Or(a.config.Build.Image, "IMAGE")
	}
	switch phase {
	case PhaseBuild:
		if a.report.Image == "" && a.config.Build.Image == "" {
			_, err := fly.Build(ctx, "flydrain-MARK", a.Args...)
			do(err)
		}
	case PhasePrepare:
		making := a.preparation(a.situation, mark{id: "MARK", apps: a.mark.apps, machines: a.mark.machines}, image)
		do(fly.Deploy(ctx, making.deployOptions(nil)))
		for _, c := range green.clones {
			_, err := fly.Clone(ctx, c.source, c.slot.options(c.slot.standsInFor(green.serving, green.surplus, c.source)))
			do(err)
		}
		for _, id := range green.ids() {
			do(fly.Cordon(ctx, id))
		}
		for _, m := range green.surplus {
			do(fly.Stop(ctx, m.ID, flyctl.StopOptions{}))
			do(fly.Destroy(ctx, m.ID))
		}
	case PhaseCutover:
		for _, id := range green.kept() {
			do(fly.Uncordon(ctx, id))
		}
		for _, m := range a.situation.blue {
			do(fly.Cordon(ctx, m.ID))
		}
	case PhaseDrain:
		for _, m := range append(slices.Clone(a.situation.blue), a.drains...) {
			if !m.Stopped() {
				do(fly.Stop(ctx, m.ID, flyctl.StopOptions{StopConfig: m.Config.StopConfig}))
			}
			do(fly.Destroy(ctx, m.ID))
		}
	}
	return commands, err
}

func (s sketch) ids() []string {
	ids := fleet(s.firsts).ids()
	for _, c := range s.clones {
		ids = append(ids, c.name)
	}
	return ids
}

func (s sketch) kept() []string {
	extra := s.surplus.ids()
	return slices.DeleteFunc(s.ids(), func(id string) bool { return slices.Contains(extra, id) })
}

// reasons say why green will be as it will be.
func (a *appJob) reasons() []string {
	var out []string
	for _, s := range a.want.slots() {
		switch {
		case s.region == "":
			out = append(out, fmt.Sprintf("1 of %s, as it is a new group", s.group))
		default:
			n := a.want[s]
			out = append(out, fmt.Sprintf("%d of %s%s in %s%s, as blue has %d", n, s.group, s.kind(), s.region, s.size(), n))
		}
	}
	for _, m := range a.sketch().surplus {
		out = append(out, fmt.Sprintf("%s goes again: flyctl makes a first machine of %s in %s, where blue has none of its size", m.ID, m.Group(), orNear(m.Region)))
	}
	for _, g := range slices.Sorted(maps.Keys(a.dropped)) {
		out = append(out, fmt.Sprintf("none of %s, as fly.toml does not have it any more", g))
	}
	return out
}

func (s slot) size() string {
	if s.guest == (flyctl.Guest{}) {
		return ""
	}
	return " of " + s.guest.String()
}

func orNear(region string) string {
	if region == "" {
		return "a region near you"
	}
	return region
}

// Script is the plan as a shell script to be read: it lacks the waits for health
// and for idle machines, which are what a release is for.
func (p Plan) Script() string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# What a release would run. To be read, not run: it does not wait for health, and not for connections.\n")
	for _, a := range p.Apps {
		fmt.Fprintf(&b, "\n# %s: %d machines serve, %d drain; %d will be made\n", a.App, len(a.Blue), len(a.Drains), a.Green)
		for _, reason := range a.Reasons {
			fmt.Fprintf(&b, "#   %s\n", flyctl.Printable(reason)) // it has names of groups
		}
	}
	phase := Phase("")
	for _, c := range p.Commands {
		if c.Phase != phase {
			phase = c.Phase
			fmt.Fprintf(&b, "\n# %s\n", phase)
		}
		line := "flyctl"
		for _, arg := range c.Args {
			line += " " + quote(arg)
		}
		if c.Dir != "" {
			line = "(cd " + quote(c.Dir) + " && " + line + ")"
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// quote writes an argument as a shell takes it.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@%+", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
