package flyctl

import (
	"context"
	"errors"
)

// Destroy destroys stopped or suspended machines, each on its own as Cordon does.
// flyctl refuses one in another state ([ErrMachineState]), so no connection ends.
// A machine that no longer exists is not an error.
func (c *Client) Destroy(ctx context.Context, ids ...string) error { return c.destroy(ctx, ids) }

// DestroyForce destroys machines in any state. One that runs is killed, and its
// connections end. It is for machines that no stop helps: created and never
// started, or failed.
func (c *Client) DestroyForce(ctx context.Context, ids ...string) error {
	return c.destroy(ctx, ids, "--force")
}

func (c *Client) destroy(ctx context.Context, ids []string, flags ...string) error {
	return c.each(ids, func(id string) error {
		err := c.repeat(ctx, call{args: machineArgs(c.App, "destroy", id, flags...), machine: id})
		if errors.Is(err, ErrMachineNotFound) {
			return nil
		}
		return err
	})
}
