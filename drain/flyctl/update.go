package flyctl

import (
	"cmp"
	"context"
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
	if err := cmp.Or(ValidateID(id), autostopPattern.check(opts.Autostop)); err != nil {
		return err
	}
	// flyctl takes the value of --autostop only after "="; without it, the value
	// counts as a second machine id.
	args := machineArgs(c.App, "update", id, "--autostop="+opts.Autostop, "--skip-health-checks", "--yes")
	if opts.AutoDestroy {
		args = append(args, "--machine-config", `{"auto_destroy": true}`)
	}
	_, err := c.do(ctx, call{args: args, machine: id})
	return err
}
