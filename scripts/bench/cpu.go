package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// cores are those of the machine that a release runs on. flyctl takes a tenth of a
// second of CPU to start, so many commands side by side take as long as their cores do.
type cores chan struct{}

const (
	coresThere = 2 // as GitHub's smaller runners have

	startCPU  = 90 * time.Millisecond // of any command
	eachCPU   = 6 * time.Millisecond  // more for each machine that it names
	timeSlice = 4 * time.Millisecond  // that a process has a core for, while others wait
)

// costing returns a runner whose commands take their CPU before they begin.
func (c cores) costing(run flyctl.Runner) flyctl.Runner {
	return func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		for left := cpu(cmd); left > 0 && ctx.Err() == nil; left -= timeSlice {
			c <- struct{}{}
			time.Sleep(min(left, timeSlice))
			<-c
		}
		return run(ctx, cmd)
	}
}

// cpu is what a command takes. Without garbage collection it is a quarter less. What a
// long list takes more has not been measured.
func cpu(cmd flyctl.Command) time.Duration {
	d := startCPU
	if len(cmd.Args) > 2 && cmd.Args[0] == "machine" {
		ids := slices.IndexFunc(cmd.Args[2:], func(arg string) bool { return strings.HasPrefix(arg, "-") })
		d += time.Duration(max(ids, 0)) * eachCPU
	}
	if slices.Contains(cmd.Env, "GOGC=off") {
		d = d * 3 / 4
	}
	return d
}
