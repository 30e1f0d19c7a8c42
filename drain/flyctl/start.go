package flyctl

import "context"

// Start starts stopped machines, each on its own, side by side: if one is gone or
// leased, the others are started all the same. The error joins those of all machines, so
// errors.Is reports only that one of them is of that kind. Only the list shows whether a
// cordoned machine is still cordoned afterwards.
func (c *Client) Start(ctx context.Context, ids ...string) error { return c.one(ctx, "start", ids) }
