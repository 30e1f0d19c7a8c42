package drain

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Exec is the [Probe] that runs a command in each machine, by "machine exec". The
// command prints how many connections are open, or jobs in hand: one whole number,
// not negative, and nothing else, on standard output. Anything else is unknown, as
// is an exit code that is not 0.
//
// There is no shell: the command is split into words. In a machine with containers
// it runs in the first of them. It is run at each poll, again where flyctl fails,
// and is given 20 s; so it may also tell the app to take no new work, as long as
// doing so twice is the same as once.
type Exec struct {
	Command string
}

// Count runs the command, on at most [flyctl.MaxParallel] machines side by side.
func (e Exec) Count(ctx context.Context, fly *flyctl.Client, machines []flyctl.Machine) map[string]Reading {
	return beside(ctx, machines, func(ctx context.Context, m flyctl.Machine) Reading {
		out, err := execute(ctx, fly, m.ID, e.Command)
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

// parseCount reads what a command printed.
func parseCount(out string) (int, error) {
	text := strings.TrimSpace(out)
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("the command must print one whole number, and printed %.80q", text)
	}
	return int(n), nil
}

// notThere is how a missing program shows, whoever looks for it.
var notThere = regexp.MustCompile(`(?i)not found|no such file|cannot find`)

// execute gives what a command printed in a machine. Its errors say for people
// why there is nothing.
func execute(ctx context.Context, fly *flyctl.Client, id, command string) (string, error) {
	program, _, _ := strings.Cut(strings.TrimSpace(command), " ")
	res, err := fly.Exec(ctx, id, command)
	var failed *flyctl.Error
	switch {
	case err == nil && res.ExitCode == 0:
		return res.Stdout, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("no answer in %v from %s", askFor, program)
	case errors.As(err, &failed) && failed.Message != "":
		if notThere.MatchString(failed.Message) && strings.Contains(failed.Message, program) {
			return "", fmt.Errorf("no %s in the image: %s", program, failed.Message)
		}
		return "", errors.New(failed.Message)
	case err != nil:
		return "", err
	case res.ExitCode == 127, notThere.MatchString(res.Stderr) && strings.Contains(res.Stderr, "exec"):
		return "", fmt.Errorf("no %s in the image%s", program, said(res.Stderr))
	}
	return "", fmt.Errorf("%s ended with exit code %d%s", program, res.ExitCode, said(res.Stderr))
}
