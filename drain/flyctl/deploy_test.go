package flyctl

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const image = "registry.fly.io/my-app:v2"

func TestADeployAsksForWhatItIsGivenAndLeavesTheRestToFlyctl(t *testing.T) {
	for _, tc := range []struct {
		name string
		opts DeployOptions
		want string
	}{
		{"in place", DeployOptions{Image: image}, "--image " + image + " --ha=false --yes"},
		{"green beside blue", DeployOptions{
			Image: image, ExcludeMachines: []string{one, two}, OnlyNewMachines: true, Detach: true, WaitTimeout: "none",
			Env: []string{"FLYDRAIN=x/1/3"}, Guest: Guest{CPUKind: "performance", CPUs: 2, MemoryMB: 4096}, Strategy: "rolling",
		}, "--image " + image + " --exclude-machines " + one + "," + two + " --only-machines none --env FLYDRAIN=x/1/3" +
			" --strategy rolling --wait-timeout none --detach --ha=false --yes --vm-cpu-kind performance --vm-cpus 2 --vm-memory 4096"},
		{"some groups", DeployOptions{Image: image, Groups: []string{"app", "worker"}, SkipReleaseCommand: true},
			"--image " + image + " --process-groups app,worker --skip-release-command --ha=false --yes"},
		{"flyctl's own bluegreen", DeployOptions{Image: image, Strategy: "bluegreen", Signal: "SIGTERM", WaitTimeout: "10m"},
			"--image " + image + " --strategy bluegreen --signal SIGTERM --wait-timeout 10m --ha=false --yes"},
		{"a release entry", DeployOptions{Image: image, OnlyNewMachines: true, UpdateOnly: true, SkipReleaseCommand: true, Detach: true},
			"--image " + image + " --only-machines none --detach --update-only --skip-release-command --ha=false --yes"},
		{"a size that a user's flags do not change", DeployOptions{Image: image, Guest: Guest{MemoryMB: 256}, Extra: []string{"--vm-memory", "512"}}, "--image " + image + " --ha=false --yes --vm-memory 512 --vm-memory 256"},
		{"a user's flags, last", DeployOptions{Image: image, Extra: []string{"--vm-memory", "512"}}, "--image " + image + " --ha=false --yes --vm-memory 512"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			args, err := deployArgs([]string{"--app", "my-app"}, tc.opts)
			if err != nil {
				t.Fatal(err)
			}
			wantArgs(t, args, "deploy --app my-app "+tc.want)
		})
	}
}

func TestMoreExclusionsThanOneArgumentHoldsAreSeveral(t *testing.T) {
	ids := make([]string, 20_000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%064d", i) // as long as an id can be
	}
	args, err := deployArgs(nil, DeployOptions{Image: image, ExcludeMachines: ids})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, arg := range args {
		if len(arg) >= 128<<10 {
			t.Errorf("an argument has %d bytes", len(arg))
		}
		if arg == "--exclude-machines" {
			got = append(got, strings.Split(args[i+1], ",")...)
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("%d of %d machines are excluded", len(got), len(ids))
	}
}

func TestDeployRunsWhereTheFlyTomlIs(t *testing.T) {
	c, f := client(saying(Result{}))
	c.Dir, c.Config = "/app", "x.toml"
	if err := c.Deploy(t.Context(), DeployOptions{Image: image}); err != nil {
		t.Fatal(err)
	}
	wantArgs(t, f.calls[0].Args, "deploy --app my-app --config x.toml --image "+image+" --ha=false --yes")
	if f.calls[0].Dir != "/app" {
		t.Errorf("it ran in %q", f.calls[0].Dir)
	}
}

func TestADeployWithHostileWordsIsRefused(t *testing.T) {
	for _, s := range hostile {
		for name, opts := range map[string]DeployOptions{
			"image":   {Image: s},
			"exclude": {Image: image, ExcludeMachines: []string{one, s}},
			"group":   {Image: image, Groups: []string{s}},
			"env":     {Image: image, Env: []string{s}},
		} {
			c, f := client(saying(Result{}))
			refused(t, f, c.Deploy(t.Context(), opts))
			if t.Failed() {
				t.Fatalf("%s: %q", name, s)
			}
		}
		if s == "" {
			continue // flyctl's default
		}
		for name, opts := range map[string]DeployOptions{
			"strategy": {Image: image, Strategy: s},
			"signal":   {Image: image, Signal: s},
			"wait":     {Image: image, WaitTimeout: s},
			"cpu kind": {Image: image, Guest: Guest{CPUKind: s}},
		} {
			if name == "strategy" || name == "cpu kind" {
				if strategyPattern.matches(s) {
					continue
				}
			}
			c, f := client(saying(Result{}))
			refused(t, f, c.Deploy(t.Context(), opts))
			if t.Failed() {
				t.Fatalf("%s: %q", name, s)
			}
		}
	}
	for _, opts := range []DeployOptions{
		{Image: image, Env: []string{"=x"}}, {Image: image, Env: []string{"1A=x"}}, {Image: image, Env: []string{"A=x\ny"}},
		{Image: image, Guest: Guest{GPUKind: "a10"}}, {Image: image, Guest: Guest{GPUs: 1}},
		{Image: image, Extra: []string{"--strategy=immediate"}},
	} {
		c, f := client(saying(Result{}))
		refused(t, f, c.Deploy(t.Context(), opts))
	}
}

func TestAnEnvironmentVariableMayHoldBlanksAndCommas(t *testing.T) {
	args, err := deployArgs(nil, DeployOptions{Image: image, Env: []string{"A=b c,d=-e"}})
	if err != nil || !slices.Contains(args, "A=b c,d=-e") {
		t.Errorf("got %q, %v", args, err)
	}
}

func TestADeployThatFailedSaysWhatFlyctlSaid(t *testing.T) {
	c, _ := client(saying(transcript(t, "green never becomes healthy (attached)")))
	err := c.Deploy(t.Context(), DeployOptions{Image: image})
	if err == nil || !strings.Contains(err.Error(), "timeout reached waiting for health checks to pass for machine 0178100003dde0") {
		t.Errorf("got %v", err)
	}
}
