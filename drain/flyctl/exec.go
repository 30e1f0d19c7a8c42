package flyctl

import (
	"cmp"
	"context"
)

// ExecResult is what a command printed inside a machine, and its exit code.
type ExecResult struct {
	ExitCode int    `json:"exit_code"`
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
}

// Exec runs a command inside a machine. There is no shell: the command is split
// into words. An exit code other than 0 is not an error; an error means that there is
// no result. The command is repeated when flyctl fails, so it must be safe to run
// twice.
func (c *Client) Exec(ctx context.Context, id, command string) (ExecResult, error) {
	if err := cmp.Or(ValidateID(id), ValidateCommand(command)); err != nil {
		return ExecResult{}, err
	}
	args := []string{"machine", "exec", id, command, "--json", "--app", c.App}
	return ask(ctx, c, call{args: args, machine: id, asks: true}, decode[ExecResult])
}
