package flyctl

import "context"

// Start starts stopped machines, each on its own as Cordon does. Only the list
// shows whether a cordoned machine is still cordoned afterwards.
func (c *Client) Start(ctx context.Context, ids ...string) error { return c.one(ctx, "start", ids) }
