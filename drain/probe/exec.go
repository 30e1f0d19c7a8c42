package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Exec is a [Probe] that runs a command in each machine, by "machine exec". The
// command must print how many connections are open, or how many jobs are left: one
// whole number, not negative, and nothing else, on standard output. If it prints
// anything else, or its exit code is not 0, the count is unknown.
//
// There is no shell: the command is split into words. It has 20 s. It runs at each
// poll, and again when flyctl fails, so it must not matter how often it runs.
type Exec struct {
	Command   string // the program and its arguments
	Container string // of a machine with containers: where to run; "" lets Fly choose. Needs flyctl v0.4.84 or newer
}

// Count runs the command, on at most [flyctl.MaxParallel] machines side by side.
func (e Exec) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	return beside(ctx, machines, func(ctx context.Context, m flyctl.Machine) Reading {
		out, err := execute(ctx, fly, m, e.Command, e.Container)
		if err != nil {
			return Unknown(err.Error())
		}
		n, err := parseCount(out)
		if err != nil {
			return Unknown(err.Error())
		}
		return Known(n)
	})
}

// parseCount reads the output of a command.
func parseCount(out string) (int, error) {
	text := strings.TrimSpace(out)
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("the command must print one whole number, and printed %.80q", text)
	}
	return int(n), nil
}

// notThere matches what a missing program is reported with, whoever reports it.
var notThere = regexp.MustCompile(`(?i)not found|no such file|cannot find`)

// execute returns what a command in a machine printed. Its errors are for people:
// they become a reading's [Reading.Why].
func execute(ctx context.Context, fly *flyctl.Client, m flyctl.Machine, command, container string) (string, error) {
	out, err := executeIn(ctx, fly, m.ID, command, container)
	if err != nil && container == "" && len(m.Config.Containers) > 0 {
		err = fmt.Errorf("%w: %w", err, errContainers)
	}
	return out, err
}

// errContainers is the hint for a machine that Fly's choice of a container left unknown.
var errContainers = errors.New("the machine has containers: name the one to ask (-probe-container)")

// errNoProgram is the error of a command whose program is missing.
var errNoProgram = errors.New("in the image")

func executeIn(ctx context.Context, fly *flyctl.Client, id, command, container string) (string, error) {
	program, _, _ := strings.Cut(strings.TrimSpace(command), " ")
	res, err := fly.Exec(ctx, id, container, command, askFor)
	var failed *flyctl.Error
	switch {
	case err == nil && res.ExitCode == 0:
		return string(res.Stdout), nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("no answer in %v from %s", askFor, program)
	case errors.As(err, &failed) && strings.Contains(failed.Message, "unknown flag: --container"):
		return "", errors.New("a container can be named with flyctl v0.4.84 or newer: run fly version update")
	case errors.As(err, &failed) && failed.Message != "":
		if notThere.MatchString(failed.Message) && strings.Contains(failed.Message, program) {
			return "", fmt.Errorf("no %s %w: %s", program, errNoProgram, failed.Message)
		}
		return "", errors.New(failed.Message)
	case err != nil:
		return "", err
	case res.ExitCode == 127, notThere.Match(res.Stderr) && bytes.Contains(res.Stderr, []byte("exec")):
		return "", fmt.Errorf("no %s %w%s", program, errNoProgram, quoted(string(res.Stderr)))
	}
	return "", fmt.Errorf("%s ended with exit code %d%s", program, res.ExitCode, quoted(string(res.Stderr)))
}
