package flyctl

import (
	"cmp"
	"context"
	"slices"
)

// Cordon takes machines out of the proxy's routing: they get no new connections,
// and keep the open ones. Routing state spreads by gossip, so a connection can
// still arrive for some seconds. Cordoning a cordoned machine is not an error.
// https://fly.io/docs/flyctl/machine-cordon/
//
// Several machines are cordoned by one command, which is run once. It takes less time
// than one command each, and says less when it fails: where one of them is gone or leased
// to somebody else, none may be cordoned, or some. Then cordon each on its own.
func (c *Client) Cordon(ctx context.Context, ids ...string) error { return c.turn(ctx, "cordon", ids) }

// Uncordon puts machines back into the proxy's routing, several of them as Cordon does.
func (c *Client) Uncordon(ctx context.Context, ids ...string) error {
	return c.turn(ctx, "uncordon", ids)
}

func (c *Client) turn(ctx context.Context, verb string, ids []string) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids))) // flyctl would wait for its own lease
	if len(ids) < 2 {
		return c.one(ctx, verb, ids)
	}
	if err := cmp.Or(c.ready(), idPattern.check(ids...)); err != nil {
		return err
	}
	_, err := c.do(ctx, call{args: slices.Concat([]string{"machine", verb}, ids, []string{"--app", c.App}), brief: true})
	return err
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
