package flyctl

import (
	"context"
	"fmt"
)

// UpdateOptions is what "fly machine update" shall set.
type UpdateOptions struct {
	Autostop    Autostop // off, stop, suspend
	AutoDestroy bool     // destroy itself when it stops
}

// Update changes a machine's autostop. It REPLACES THE VM: the machine
// restarts, and every connection to it ends.
// https://fly.io/docs/flyctl/machine-update/
func (c *Client) Update(ctx context.Context, id string, opts UpdateOptions) error {
	if err := c.ready(); err != nil {
		return err
	}
	args, err := updateArgs(c.App, id, opts)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, call{args: args, machine: id})
	return err
}

func updateArgs(app, id string, o UpdateOptions) ([]string, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	switch o.Autostop {
	case "off", "stop", "suspend":
	default:
		return nil, fmt.Errorf("%w: autostop can be off, stop or suspend, not %q", ErrUsage, o.Autostop)
	}
	// flyctl takes the value of --autostop only after "="; without it, the value
	// counts as a second machine.
	args := machineArgs(app, "update", id, "--autostop="+string(o.Autostop))
	if o.AutoDestroy {
		args = append(args, "--machine-config", `{"auto_destroy": true}`)
	}
	return append(args, "--skip-health-checks", "--yes"), nil
}
