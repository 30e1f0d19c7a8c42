package flyctl

import (
	"context"
	"errors"
)

// Destroy destroys stopped or suspended machines. flyctl refuses one in another
// state ([ErrMachineState]), and so ends no connection. A machine that is gone
// already is fine: that is what was wanted.
func (c *Client) Destroy(ctx context.Context, ids ...string) error { return c.destroy(ctx, ids) }

// DestroyForce destroys machines in whatever state. One that runs is killed,
// and its connections end: it is for those that a stop does not help with, as
// they were created and never started, or failed to.
func (c *Client) DestroyForce(ctx context.Context, ids ...string) error {
	return c.destroy(ctx, ids, "--force")
}

func (c *Client) destroy(ctx context.Context, ids []string, flags ...string) error {
	if err := c.ready(); err != nil {
		return err
	}
	return c.each(ids, func(id string) error {
		err := c.repeat(ctx, call{args: machineArgs(c.App, "destroy", id, flags...), machine: id})
		if errors.Is(err, ErrMachineNotFound) {
			return nil
		}
		return err
	})
}
