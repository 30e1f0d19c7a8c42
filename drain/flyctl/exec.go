package flyctl

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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
	args, err := execArgs(c.App, id, command)
	if err != nil {
		return ExecResult{}, err
	}
	return ask(ctx, c, call{args: args, machine: id, asks: true}, func(res Result) (ExecResult, error) {
		return parseExec(res.Stdout)
	})
}

func execArgs(app, id, command string) ([]string, error) {
	if err := cmp.Or(idPattern.check(id), ValidateCommand(command)); err != nil {
		return nil, err
	}
	return []string{"machine", "exec", id, command, "--json", "--app", app}, nil
}

func parseExec(data []byte) (ExecResult, error) {
	var out *ExecResult
	if err := json.Unmarshal(data, &out); err != nil {
		return ExecResult{}, fmt.Errorf("%w: the answer of machine exec: %s: %w", ErrBadOutput, excerpt(string(data)), err)
	}
	if out == nil {
		return ExecResult{}, fmt.Errorf("%w: machine exec answered null", ErrBadOutput)
	}
	return *out, nil
}
