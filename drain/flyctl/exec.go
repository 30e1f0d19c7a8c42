package flyctl

import (
	"context"
	"encoding/json"
	"fmt"
)

// ExecResult is what a command printed inside a machine.
type ExecResult struct {
	ExitCode int    `json:"exit_code"`
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
}

// Exec runs a command inside a machine. There is no shell: the command is split
// into words. flyctl exits 0 whatever the command's own exit code, which is in
// the result; an error means that there is no result. The command must be one
// that may be run twice.
func (c *Client) Exec(ctx context.Context, id, command string) (ExecResult, error) {
	if err := c.ready(); err != nil {
		return ExecResult{}, err
	}
	args, err := execArgs(c.App, id, command)
	if err != nil {
		return ExecResult{}, err
	}
	return ask(ctx, c, call{args: args, machine: id, timeout: c.answerTimeout()}, func(res Result) (ExecResult, error) {
		return parseExec(res.Stdout)
	})
}

func execArgs(app, id, command string) ([]string, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	if err := CheckCommand(command); err != nil {
		return nil, err
	}
	return []string{"machine", "exec", id, command, "--json", "--app", app}, nil
}

func parseExec(data []byte) (ExecResult, error) {
	var out *ExecResult
	if err := json.Unmarshal(data, &out); err != nil {
		return ExecResult{}, fmt.Errorf("%w: the answer of machine exec: %.60q: %w", ErrBadOutput, data, err)
	}
	if out == nil {
		return ExecResult{}, fmt.Errorf("%w: machine exec answered null", ErrBadOutput)
	}
	return *out, nil
}
