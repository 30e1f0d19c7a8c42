package flyctl

import "context"

// Cordon takes machines out of the proxy's routing: they get no new connections,
// and keep the open ones. Routing state spreads by gossip, so a connection can
// still arrive for some seconds. Cordoning a cordoned machine is not an error.
// https://fly.io/docs/flyctl/machine-cordon/
//
// Each machine is cordoned on its own, side by side: if one is gone or leased, the
// others are cordoned all the same. The error joins those of all machines, so
// errors.Is reports only that one of them is of that kind.
func (c *Client) Cordon(ctx context.Context, ids ...string) error { return c.one(ctx, "cordon", ids) }

// Uncordon puts machines back into the proxy's routing, each on its own as Cordon
// does.
func (c *Client) Uncordon(ctx context.Context, ids ...string) error {
	return c.one(ctx, "uncordon", ids)
}

// one runs "fly machine VERB" for each id. All these verbs are safe to repeat.
func (c *Client) one(ctx context.Context, verb string, ids []string) error {
	return c.each(ids, func(id string) error {
		return c.repeat(ctx, call{args: machineArgs(c.App, verb, id), machine: id, brief: true})
	})
}

func machineArgs(app, verb, id string, flags ...string) []string {
	return append([]string{"machine", verb, id, "--app", app}, flags...)
}
