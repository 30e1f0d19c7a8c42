package drain

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/lists"
)

// copied is one app's machine list, as a plan has changed it.
type copied struct {
	found, now fleet.List
	ran        []PlannedCommand // by the command that is being planned
}

// copy takes an app's flyctl and its list for a copy of both.
func (a *app) copy() *copied {
	c, list := &copied{}, a.fly.List
	a.lists = lists.New(func(ctx context.Context) ([]flyctl.Machine, error) {
		if c.found == nil {
			rows, err := list(ctx)
			if err != nil {
				return nil, err
			}
			c.found = fleet.Believe(rows, func(string) *fleet.Machine { return nil })
			c.now = c.found
		}
		return c.now.Rows(), nil
	}, time.Nanosecond)
	a.acting = &flyctl.Client{App: a.Name, Dir: a.Dir, Config: a.Config, Every: time.Nanosecond, Run: func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		planned := PlannedCommand{App: a.Name, Args: shownArgs(cmd.Args)}
		if cmd.Dir != "" { // it reads fly.toml
			planned.Dir = a.Dir
		}
		c.ran = append(c.ran, planned)
		return flyctl.Result{Stderr: []byte("image: IMAGE\n")}, nil
	}}
	return c
}

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

// create returns the machine that a command creates for a slot, like the others of its
// group, and as healthy as it is taken to become.
func (c *copied) create(id string, s fleet.Slot, standsFor string, mark fleet.Mark, at time.Time) *fleet.Machine {
	m := flyctl.Machine{ID: id, Region: s.Region, State: "started", CreatedAt: at}
	m.Config = flyctl.Config{Image: "IMAGE", Guest: cmp.Or(s.Guest, capacity.DefaultSize), Env: map[string]string{fleet.MarkEnv: mark.String()},
		Metadata: map[string]string{"fly_process_group": s.Group, "fly_platform_version": "v2"}}
	for _, other := range c.now.InGroup(s.Group) {
		m.Config.Services = slices.Clone(other.Config.Services)
	}
	for i := range m.Config.Services {
		m.Config.Services[i].Checks = nil // they are taken to pass
	}
	if s.Standby {
		m.Config.Standbys, m.State = []string{standsFor}, "stopped"
	}
	return &fleet.Machine{Machine: m, Mark: mark}
}
