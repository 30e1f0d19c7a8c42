package flyctl

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Stop sends a machine the signal, and SIGKILL when it still runs after the
// timeout. A zero StopConfig leaves both to the machine's own. flyctl says
// "successfully stopped" as soon as the signal is sent: the list tells when it is.
// Stopping a stopped machine is fine. While somebody holds its lease, and where a
// fault may pass, it is tried again for minutes: still, unless nil, is asked before
// each further try, and its error is the end of it.
func (c *Client) Stop(ctx context.Context, id string, how StopConfig, still func(context.Context) error) error {
	if err := c.ready(); err != nil {
		return err
	}
	args, err := stopArgs(c.App, id, how)
	if err != nil {
		return err
	}
	return c.repeat(ctx, call{args: args, machine: id, still: still})
}

func stopArgs(app, id string, how StopConfig) ([]string, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	args := machineArgs(app, "stop", id)
	if how.Signal != "" {
		if err := check("signal", how.Signal, signalPattern, "a name such as SIGTERM"); err != nil {
			return nil, err
		}
		args = append(args, "--signal", how.Signal)
	}
	if how.Timeout < 0 {
		return nil, fmt.Errorf("%w: a stop cannot wait %v", ErrUsage, time.Duration(how.Timeout))
	}
	if how.Timeout > 0 {
		seconds := math.Ceil(time.Duration(how.Timeout).Seconds())
		args = append(args, "--timeout", strconv.Itoa(int(seconds)))
	}
	return args, nil
}
