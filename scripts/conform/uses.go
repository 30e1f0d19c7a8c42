package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	app = "my-app"
	id  = "01781000001eef"
	ref = "registry.fly.io/my-app:v2"
)

// use is a command line of the library's, or of scripts/prove.
type use struct{ args []string }

// command is the words before the first argument: "machine cordon".
func (u use) command() string {
	if slices.Contains([]string{"machine", "config", "apps"}, u.args[0]) {
		return strings.Join(u.args[:2], " ")
	}
	return u.args[0]
}

// flagUse is a flag of a command line, and how its value is given, if any.
type flagUse struct {
	name   string
	joined bool // --flag=value
	value  bool // --flag value
}

func (u use) flags() (all []flagUse) {
	for i, arg := range u.args {
		if !strings.HasPrefix(arg, "--") {
			continue
		}
		f := flagUse{}
		f.name, _, f.joined = strings.Cut(arg, "=")
		f.value = !f.joined && i+1 < len(u.args) && !strings.HasPrefix(u.args[i+1], "-")
		all = append(all, f)
	}
	return all
}

func (u use) String() string {
	text := fmt.Sprintf("%-16s", u.command())
	for _, f := range u.flags() {
		text += " " + f.name
		if f.joined {
			text += "="
		}
	}
	return text
}

// proving are the command lines that scripts/prove runs beside the library's. It has a
// test that there are no more.
var proving = []use{
	{[]string{"apps", "create", app, "--org", "my-org"}},
	{[]string{"apps", "list", "--org", "my-org", "--json"}},
	{[]string{"apps", "destroy", app, "--yes"}},
	{[]string{"machine", "restart", id, "--app", app}},
}

// uses are all command lines that the library runs, each with all its flags. They
// are the library's own: its methods are called with a flyctl that keeps what it is
// asked for. Then come those of scripts/prove.
func uses(ctx context.Context) (all []use, err error) {
	client := &flyctl.Client{App: app, Dir: ".", Config: "fly.prod.toml", Every: time.Nanosecond,
		Run: func(_ context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			all = append(all, use{cmd.Args})
			return pretend(cmd.Args), nil
		}}
	for _, call := range calls(ctx, client) {
		if err := call.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", call.method, err)
		}
	}
	return append(all, proving...), nil
}

// call is a call of a method of Client.
type call struct {
	method string
	do     func() error
}

var (
	deployOptions = flyctl.DeployOptions{
		Image: ref, ExcludeMachines: []string{id}, OnlyNewMachines: true, Groups: []string{"app"}, Env: []string{"FLYDRAIN=x"},
		Guest: guest, Strategy: "bluegreen", Signal: "SIGTERM", WaitTimeout: "none", Detach: true, UpdateOnly: true,
		SkipReleaseCommand: true, Created: func() {}, Extra: []string{"--remote-only"},
	}
	cloneOptions  = flyctl.CloneOptions{Region: "iad", Guest: guest, StandbyFor: []string{id}}
	guest         = flyctl.Guest{CPUKind: "shared", CPUs: 2, MemoryMB: 512}
	updateOptions = flyctl.UpdateOptions{Autostop: "stop", AutoDestroy: true}
	stopOptions   = flyctl.StopOptions{StopConfig: flyctl.StopConfig{Signal: "SIGTERM", Timeout: 30 * time.Second}}
)

// calls call each method of Client that runs a command, with every option.
func calls(ctx context.Context, c *flyctl.Client) []call {
	return []call{
		{"Version", func() error { _, err := c.Version(ctx); return err }},
		{"ConfigShow", func() error { _, err := c.ConfigShow(ctx); return err }},
		{"Build", func() error { _, err := c.Build(ctx, "v2", "--remote-only"); return err }},
		{"Deploy", func() error { return c.Deploy(ctx, deployOptions) }},
		{"List", func() error { _, err := c.List(ctx); return err }},
		{"Clone", func() error { _, err := c.Clone(ctx, id, cloneOptions); return err }},
		{"Cordon", func() error { return c.Cordon(ctx, id) }},
		{"Uncordon", func() error { return c.Uncordon(ctx, id) }},
		{"Start", func() error { return c.Start(ctx, id) }},
		{"Exec", func() error { _, err := c.Exec(ctx, id, "", "cat /proc/net/tcp", time.Minute); return err }},
		{"Logs", func() error { _, err := c.Logs(ctx, id); return err }},
		{"Stop", func() error { return c.Stop(ctx, id, stopOptions) }},
		{"Destroy", func() error { return c.Destroy(ctx, id) }},
		{"DestroyForce", func() error { return c.DestroyForce(ctx, id) }},
		{"Update", func() error { return c.Update(ctx, id, updateOptions) }},
	}
}

// pretend answers as a flyctl does that has done it.
func pretend(args []string) flyctl.Result {
	switch {
	case args[0] == "version":
		return flyctl.Result{Stdout: []byte(`{"Version":"` + flyctl.MinVersion + `"}`)}
	case slices.Contains(args, "list"):
		return flyctl.Result{Stdout: []byte("[]")}
	case args[0] == "logs":
		return flyctl.Result{Stdout: []byte("a line\n")}
	}
	return flyctl.Result{Stdout: []byte("{}")}
}
