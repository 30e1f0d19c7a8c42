package flyctl

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"time"
)

// ExecResult is what a command printed inside a machine, as [Printer] makes it safe,
// and its exit code.
type ExecResult struct {
	ExitCode int    `json:"exit_code"`
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
}

// Exec runs a command inside a machine. There is no shell: the command is split
// into words. An exit code other than 0 is not an error; an error means that there is
// no result. More output than Fly passes on (10 MiB) is an error too. The command is
// repeated when flyctl fails, so it must be safe to run twice.
//
// In a machine with containers it runs in the one that is named, which needs flyctl
// v0.4.84 or newer; with "" Fly chooses one. The command has the timeout, in whole
// seconds; with 0 it has Fly's, about 30 s.
func (c *Client) Exec(ctx context.Context, id, container, command string, timeout time.Duration) (ExecResult, error) {
	if err := cmp.Or(ValidateID(id), ValidateCommand(command, container)); err != nil {
		return ExecResult{}, err
	}
	args := []string{"machine", "exec", id, command, "--json", "--app", c.App}
	if timeout > 0 {
		args = append(args, "--timeout", strconv.Itoa(int(math.Ceil(timeout.Seconds()))))
	}
	if container != "" {
		args = append(args, "--container", container)
	}
	return ask(ctx, c, call{args: args, machine: id, asks: true}, parseExec)
}

func parseExec(res Result) (ExecResult, error) {
	r, err := decode[ExecResult](res)
	redact := newRedactor()
	r.Stdout, r.Stderr = redact.text(r.Stdout), redact.text(r.Stderr)
	return r, err
}
