package flyctl

import (
	"cmp"
	"context"
	"fmt"
	"math"
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
	if err := cmp.Or(ValidateID(id), signalPattern.check(opts.Signal)); err != nil {
		return err
	}
	if opts.Timeout < 0 {
		return fmt.Errorf("%w: negative stop timeout %v", ErrUsage, opts.Timeout)
	}
	seconds := int(math.Ceil(opts.Timeout.Seconds())) // flyctl takes whole ones
	args := with(machineArgs(c.App, "stop", id), "--signal", opts.Signal, "--timeout", positive(seconds))
	return c.repeat(ctx, call{args: args, machine: id, recheck: opts.Recheck})
}
