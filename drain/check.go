package drain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
)

// examine checks whether a release of an image can begin, by a list that was begun at
// since or later. It returns the goal for this app. It changes nothing.
func (a *app) examine(ctx context.Context, since time.Time, image string) (rollout.App, fleet.List, error) {
	goal := a.goal()
	if _, err := a.fly.Version(ctx); err != nil {
		return goal, nil, err
	}
	cfg, err := a.fly.ConfigShow(ctx)
	if err != nil {
		return goal, nil, err
	}
	if region := flagValue(a.Args, "--primary-region"); region != "" {
		cfg.PrimaryRegion = region
	}
	if a.config = cfg; len(cfg.Env[fleet.MarkEnv]) > 0 {
		return goal, nil, a.refuse("", "%s: fly.toml sets %s, by which flydrain knows its releases: remove it from [env]", a.Name, fleet.MarkEnv)
	}
	all, err := a.lists.since(ctx, since)
	if err != nil {
		return goal, nil, err
	}
	l, err := a.managed(all)
	if err != nil {
		return goal, nil, err
	}
	blue := l.Where(func(m *fleet.Machine) bool { return !m.Cordoned }) // also what cannot be reached, as far as is known
	if a.release.First && len(blue) > 0 {
		return goal, nil, a.refuse("", "%s has %d machines that serve: it is not a first release (First, -first)", a.Name, len(blue))
	}
	if len(blue) == 0 && !a.release.First {
		return goal, nil, a.fault("", errEmpty, "all %d machines of %s are cordoned, so there is no capacity to copy: uncordon the machines that should serve", len(l), a.Name).
			mend(machineCommand("uncordon", a.Name, strings.Join(l.IDs(), " ")))
	}
	if err := a.examineGroups(blue); err != nil {
		return goal, nil, err
	}
	goal.Want, goal.Region = fleet.Wanted(blue, a.released()), cfg.PrimaryRegion
	goal.Size = goal.Want.Total()
	a.image = cmp.Or(image, a.Image, cfg.Build.Image)
	goal.Image = a.image == ""
	before := fleet.BeforeOf(l)
	goal.Before, goal.ReleaseCommand = &before, cfg.Deploy.ReleaseCommand != ""
	for _, g := range goal.Want.Groups() {
		if err := flyctl.ValidateGroup(g); err != nil {
			return goal, nil, err
		}
	}
	err = a.examineMachines(goal.Want.Groups(), slices.Concat(l, all.Unknown()))
	if err == nil {
		err = a.examineConfig(all, blue, goal)
	}
	if err == nil {
		err = a.examineLosses(blue)
	}
	return goal, l, err
}

// examineMachines refuses an app that cannot be released blue-green, and warns of what
// may disturb a release.
func (a *app) examineMachines(groups []string, l fleet.List) error {
	var volumes, unreachable, autostop, leased []string
	for _, m := range l {
		if len(m.Config.Mounts) > 0 && slices.Contains(groups, m.Group()) {
			volumes = append(volumes, m.ID)
		}
		if m.Thin {
			unreachable = append(unreachable, m.ID)
		}
		if m.Autostops() {
			autostop = append(autostop, m.ID)
		}
		if m.Nonce != "" {
			leased = append(leased, m.ID)
		}
	}
	mounts := strings.TrimSpace(string(a.config.Mounts))
	switch {
	case len(volumes) > 0:
		return a.refuse("", "%s: machines with volumes cannot be released blue-green, because a volume belongs to one machine: %s", a.Name, strings.Join(volumes, " "))
	case !slices.Contains([]string{"", "null", "[]", "{}"}, mounts):
		return a.refuse("", "%s: fly.toml has [mounts]: machines with volumes cannot be released blue-green, because a volume belongs to one machine", a.Name)
	case len(unreachable) > 0 && !a.release.AllowUnreachable:
		return a.refuse("", "%s: Fly cannot reach the hosts of these machines, so their state is unknown: %s: wait, or continue all the same (AllowUnreachable, -allow-unreachable)", a.Name, strings.Join(unreachable, " "))
	case len(unreachable) > 0:
		a.warn("Fly cannot reach the hosts of " + strings.Join(unreachable, " "))
	}
	if len(leased) > 0 {
		a.warn("somebody else is at work on these machines (they hold a lease), and a cordon that waits longer than 2 minutes for it undoes the release: " + strings.Join(leased, " "))
	}
	if len(autostop) > 0 {
		a.warn("autostop is on: the proxy may stop a draining machine that still has connections: set auto_stop_machines = \"off\"")
	}
	for _, m := range l.Cordoned() { // beside machines of its own release that serve; of a release before, it drains
		if slices.ContainsFunc(l.Uncordoned(), func(o *fleet.Machine) bool { return o.Mark.ID == m.Mark.ID }) {
			a.warn(fmt.Sprintf("machine %s was cordoned outside flydrain: it drains, and green has no machine in its place, so capacity shrinks; to keep it: %s", m.ID, machineCommand("uncordon", a.Name, m.ID)))
		}
	}
	if beside := l.Cordoned().Where(func(m *fleet.Machine) bool { return m.Mark.ID != "" }).IDs(); len(beside) > 0 {
		a.warn(fmt.Sprintf("machines that drain beside this release: %d (%s): they cost what the others cost", len(beside), strings.Join(beside, " ")))
	}
	return nil
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
	limited, cancel := context.WithTimeout(ctx, askOnce)
	defer cancel()
	readings := a.count(limited, some)
	end := "and are kept for ever; to end their drains all the same: -deadline D -at-deadline stop"
	if a.Deadline > 0 && a.AtDeadline == StopMachine {
		end = "and are stopped at their deadline, whatever connections they have"
	}
	for _, m := range some {
		if r := readings[m.ID]; r.Why() != "" && ctx.Err() == nil {
			a.warn(fmt.Sprintf("the connections of group %s cannot be counted (machine %s: %s), so its old machines are never known to be idle, %s", m.Group(), m.ID, r.Why(), end))
		}
	}
}
