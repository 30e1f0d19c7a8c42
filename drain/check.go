package drain

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/check"
	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/probe"
)

// examine checks whether a release of an image can begin, by a list that was begun at
// since or later, and by fly.toml. It returns the goal for this app. It changes nothing.
func (a *app) examine(ctx context.Context, since time.Time, image string) (facts.App, fleet.List, error) {
	goal := a.goal()
	cfg := a.config
	all, err := a.lists.Since(ctx, since)
	if err != nil {
		return goal, nil, err
	}
	l, err := a.managed(all)
	if err != nil {
		return goal, nil, err
	}
	_, sockets := a.Probe.(probe.Sockets)
	release := check.App{Name: a.Name, Config: cfg, Groups: a.Groups, All: all, Smoke: a.Smoke, Countable: !sockets || a.stopsLate(),
		Unreachable: a.release.AllowUnreachable, LoseConfig: a.release.LoseConfig}
	switch n := len(release.Blue()); {
	case a.release.First && n > 0:
		return goal, nil, a.refuse("", "%s has machines that serve already (%d), so this is not its first release: leave out -first (First)", a.Name, n)
	case n == 0 && !a.release.First:
		return goal, nil, a.fault("", errEmpty, "all %d machines of %s are cordoned, so there is no capacity to copy: uncordon the machines that should serve", len(l), a.Name).
			mend(machineCommand("uncordon", a.Name, strings.Join(l.IDs(), " ")))
	}
	warnings, refused := release.Examine()
	for _, text := range warnings {
		a.warn(text)
	}
	if refused != nil {
		return goal, nil, a.refuse(refused.Machine, "%s", refused.Why)
	}
	goal.Want, goal.Region = release.Green(), cfg.PrimaryRegion
	goal.Size = goal.Want.Total()
	a.image = cmp.Or(image, a.Image, cfg.Build.Image)
	goal.Image = a.image == ""
	before := fleet.BeforeOf(all)
	goal.Before, goal.ReleaseCommand = &before, cfg.Deploy.ReleaseCommand != ""
	return goal, l, flyctl.DeployOptions{Image: a.image, Groups: goal.Want.Groups()}.Validate()
}

// readConfigs reads the fly.toml of each app.
func (j *run) readConfigs(ctx context.Context) error {
	return each(ctx, j.apps, func(ctx context.Context, _ int, a *app) (err error) {
		a.config, err = a.readConfig(ctx)
		if region := flagValue(a.Args, "--primary-region"); region != "" {
			a.config.PrimaryRegion = region
		}
		return err
	})
}

// flagValue returns the value of a flag among those that go to flyctl: the last one.
func flagValue(args []string, flag string) (value string) {
	for i, arg := range args {
		if joined, is := strings.CutPrefix(arg, flag+"="); is {
			value = joined
		} else if i > 0 && args[i-1] == flag {
			value = arg
		}
	}
	return value
}

// examineCounts warns where the probe cannot count a group's connections: it is asked
// about one machine of each.
func (a *app) examineCounts(ctx context.Context, blue fleet.List) {
	asked := map[string]bool{}
	var some fleet.List
	for _, m := range blue {
		if m.Healthy() && !asked[m.Group()] && (!m.Worker() || a.WorkerProbe != nil) {
			asked[m.Group()], some = true, append(some, m)
		}
	}
	readings := a.count(ctx, askOnce, some)
	end := "and are kept for ever; to end their drains all the same: -deadline D -at-deadline stop"
	if a.stopsLate() {
		end = "and are stopped at their deadline, whatever connections they have"
	}
	for _, m := range some {
		if r := readings[m.ID]; r.Why() != "" && ctx.Err() == nil {
			a.warn(fmt.Sprintf("the connections of group %s cannot be counted (machine %s: %s), so its old machines are never known to be idle, %s", m.Group(), m.ID, r.Why(), end))
		}
	}
}
