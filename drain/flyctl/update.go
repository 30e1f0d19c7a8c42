package flyctl

import (
	"context"
	"fmt"
)

// UpdateOptions are what "fly machine update" sets.
type UpdateOptions struct {
	Autostop    string // off, stop, suspend; required
	AutoDestroy bool   // the machine destroys itself when it stops
}

// Update changes a machine's autostop. It REPLACES THE VM: the machine restarts,
// and every connection to it ends. It is never repeated.
// https://fly.io/docs/flyctl/machine-update/
func (c *Client) Update(ctx context.Context, id string, opts UpdateOptions) error {
	args, err := updateArgs(c.App, id, opts)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, call{args: args, machine: id})
	return err
}

func updateArgs(app, id string, o UpdateOptions) ([]string, error) {
	if err := ValidateID(id); err != nil {
		return nil, err
	}
	switch o.Autostop {
	case "off", "stop", "suspend":
	default:
		return nil, fmt.Errorf("%w: invalid autostop %s: want off, stop or suspend", ErrUsage, excerpt(o.Autostop))
	}
	// flyctl takes the value of --autostop only after "="; without it, the value
	// counts as a second machine id.
	args := machineArgs(app, "update", id, "--autostop="+o.Autostop)
	if o.AutoDestroy {
		args = append(args, "--machine-config", `{"auto_destroy": true}`)
	}
	return append(args, "--skip-health-checks", "--yes"), nil
}
