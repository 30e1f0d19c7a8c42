package flyctl

import (
	"cmp"
	"context"
	"math"
	"strconv"
	"time"
)

// Exec runs a command inside a machine. There is no shell: the command is split
// into words. The result is the command's, and not flyctl's: what it printed, as
// [Printer] makes it safe, and its exit code. One other than 0 is not an error; an error
// means that there is no result. More output than Fly passes on (10 MiB) is an error
// too. The command is repeated when flyctl fails, so it must be safe to run twice.
//
// In a machine with containers it runs in the one that is named, which needs flyctl
// v0.4.84 or newer; with "" Fly chooses one. The command has the timeout, in whole
// seconds; with 0 it has Fly's, about 30 s.
func (c *Client) Exec(ctx context.Context, id, container, command string, timeout time.Duration) (Result, error) {
	if err := cmp.Or(ValidateID(id), ValidateCommand(command, container)); err != nil {
		return Result{}, err
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

func parseExec(res Result) (Result, error) {
	inside, err := decode[struct {
		ExitCode int    `json:"exit_code"`
		Stdout   string `json:"stdout"`
		Stderr   string `json:"stderr"`
	}](res)
	safe := newRedactor()
	return Result{Stdout: []byte(safe.text(inside.Stdout)), Stderr: []byte(safe.text(inside.Stderr)), ExitCode: inside.ExitCode}, err
}
