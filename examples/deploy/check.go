package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// checkFlag adds -check CMD to a flag set. A shell runs CMD once for each app, when
// all green machines are healthy and before one of them serves. Its environment has
//
//	FLYDRAIN_APP       the app
//	FLYDRAIN_MACHINES  the ids of its green machines
//	FLYDRAIN_GROUPS    their process groups, in the same order
//	FLYDRAIN_REGIONS   their regions, in the same order
//
// If it fails, the release goes back, and the last line that it printed says why.
func checkFlag(fs *flag.FlagSet, r *drain.Release) {
	fs.Func("check", "run `CMD` before the cutover; if it fails, the old release stays", func(command string) error {
		if strings.TrimSpace(command) == "" {
			return errors.New("want a command")
		}
		r.Check = func(ctx context.Context, app string, green []flyctl.Machine) error {
			return runCheck(ctx, command, app, green)
		}
		return nil
	})
}

func runCheck(ctx context.Context, command, app string, green []flyctl.Machine) error {
	var ids, groups, regions []string
	for _, m := range green {
		ids, groups, regions = append(ids, m.ID), append(groups, m.Group()), append(regions, m.Region)
	}
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1], command)
	cmd.WaitDelay = time.Second // for what it started and left behind
	cmd.Env = append(os.Environ(), "FLYDRAIN_APP="+app, "FLYDRAIN_MACHINES="+strings.Join(ids, " "),
		"FLYDRAIN_GROUPS="+strings.Join(groups, " "), "FLYDRAIN_REGIONS="+strings.Join(regions, " "))
	out, err := cmd.CombinedOutput()
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("-check was ended: %w", cause)
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("-check: %w: %s", err, lines[len(lines)-1])
	}
	return nil
}
