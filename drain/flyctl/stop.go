package flyctl

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
)

// StopOptions say how Stop stops a machine. Zero fields of StopConfig are the
// machine's own.
type StopOptions struct {
	StopConfig

	// Recheck, if not nil, is called before each repetition. Its error ends the
	// stop. While somebody else holds the machine's lease, a stop is repeated for
	// minutes, and in the meantime it may have become wrong.
	Recheck func(context.Context) error
}

// Stop sends a machine the signal, and SIGKILL if it still runs after the timeout.
// It returns when the signal is sent; the list shows when the machine has stopped.
// Stopping a stopped machine is not an error.
func (c *Client) Stop(ctx context.Context, id string, opts StopOptions) error {
	args, err := stopArgs(c.App, id, opts)
	if err != nil {
		return err
	}
	return c.repeat(ctx, call{args: args, machine: id, recheck: opts.Recheck})
}

func stopArgs(app, id string, o StopOptions) ([]string, error) {
	if err := cmp.Or(idPattern.check(id), signalPattern.checkOptional(o.Signal)); err != nil {
		return nil, err
	}
	if o.Timeout < 0 {
		return nil, fmt.Errorf("%w: negative stop timeout %v", ErrUsage, o.Timeout)
	}
	args := machineArgs(app, "stop", id)
	if o.Signal != "" {
		args = append(args, "--signal", o.Signal)
	}
	if o.Timeout > 0 { // flyctl takes whole seconds
		args = append(args, "--timeout", strconv.Itoa(int(math.Ceil(o.Timeout.Seconds()))))
	}
	return args, nil
}
