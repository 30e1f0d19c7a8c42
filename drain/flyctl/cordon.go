package flyctl

import "context"

// Cordon takes machines out of the proxy's routing: no new connection is sent
// to them, open ones stay. Routing state spreads by gossip, so a connection can
// still land for some seconds. A machine that is cordoned stays so.
// https://fly.io/docs/flyctl/machine-cordon/
//
// Each machine is cordoned on its own: one that is gone or leased is an error,
// and the others are cordoned all the same. The error joins theirs, so where
// there are several, errors.Is tells only that one of them is of that kind.
func (c *Client) Cordon(ctx context.Context, ids ...string) error { return c.one(ctx, "cordon", ids) }

// Uncordon puts machines back into the proxy's routing, each on its own as
// Cordon does.
func (c *Client) Uncordon(ctx context.Context, ids ...string) error {
	return c.one(ctx, "uncordon", ids)
}

// Start starts stopped machines, each on its own as Cordon does. Whether a
// cordon outlives a start is for the list to tell.
func (c *Client) Start(ctx context.Context, ids ...string) error { return c.one(ctx, "start", ids) }

// one runs "fly machine VERB" for each id. All these verbs can be repeated.
func (c *Client) one(ctx context.Context, verb string, ids []string) error {
	if err := c.ready(); err != nil {
		return err
	}
	return c.each(ids, func(id string) error {
		return c.repeat(ctx, call{args: machineArgs(c.App, verb, id), machine: id, brief: true})
	})
}

func machineArgs(app, verb, id string, flags ...string) []string {
	return append([]string{"machine", verb, id, "--app", app}, flags...)
}
