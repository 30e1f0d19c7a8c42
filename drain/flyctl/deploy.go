package flyctl

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// DeployOptions are the flags of "fly deploy". With only an Image, Deploy updates
// all machines in place, as flyctl does by default.
type DeployOptions struct {
	Image              string   // required
	ExcludeMachines    []string // ids of machines to leave alone
	OnlyNewMachines    bool     // leave all existing machines alone, also one made meanwhile (--only-machines none)
	Groups             []string // only these process groups; none is all
	Env                []string // KEY=VALUE for the new machines
	Guest              Guest    // size of new machines if fly.toml has no [[vm]]; flyctl makes none with GPUs
	Strategy           string   // rolling, immediate, bluegreen, canary; "" is fly.toml's. flyctl stores it with the release
	Signal             string   // with bluegreen: what blue machines are stopped with; "" is SIGINT
	WaitTimeout        string   // how long flyctl waits for a machine, such as "10m"; "" is 5m; "none" waits for none and leases none
	Detach             bool     // do not wait for health
	UpdateOnly         bool     // make no machine; flyctl announces some on standard output all the same, so that is not told to [Client.Output]
	SkipReleaseCommand bool
	Created            func()   // if not nil, is called when flyctl says that it has created a machine
	Extra              []string // more flags, such as --build-arg; not those that are fields here
}

// Validate returns an error unless flyctl can be given the options. The Image may be
// missing: it may not be built yet. Extra may not say what the deploy is about, name a
// token, or have what is not a flag or a flag's value.
func (o DeployOptions) Validate() error {
	_, err := guestArgs(o.Guest)
	if err == nil && o.Image != "" {
		err = imagePattern.check(o.Image)
	}
	return cmp.Or(err, idPattern.check(o.ExcludeMachines...), groupPattern.check(o.Groups...), envPattern.check(o.Env...),
		strategyPattern.check(o.Strategy), signalPattern.check(o.Signal), validateWaitTimeout(o.WaitTimeout), validateExtra(o.Extra))
}

// Deploy runs "fly deploy" with an image that exists, however long that takes. It
// is never repeated: a deploy that failed may have made machines. Standby and
// spare machines are not made (--ha=false).
func (c *Client) Deploy(ctx context.Context, opts DeployOptions) error {
	args, err := deployArgs(c.configArgs(), opts)
	if err != nil {
		return err
	}
	// flyctl lists the machines once before it makes any.
	_, err = c.do(ctx, call{args: args, local: true, pace: []*pacer{&c.creates, &c.lists}, long: true, talk: opts.UpdateOnly, creates: !opts.UpdateOnly, created: opts.Created})
	return err
}

// idsPerFlag keeps an argument below 128 KiB, which is the longest that Linux takes.
const idsPerFlag = 1000

func deployArgs(config []string, o DeployOptions) ([]string, error) {
	guest, err := guestArgs(o.Guest)
	if err := cmp.Or(imagePattern.check(o.Image), err, o.Validate()); err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"deploy"}, config, []string{"--image", o.Image})
	for ids := range slices.Chunk(o.ExcludeMachines, idsPerFlag) {
		args = append(args, "--exclude-machines", strings.Join(ids, ","))
	}
	if o.OnlyNewMachines {
		args = append(args, "--only-machines", "none")
	}
	args = with(args, "--process-groups", strings.Join(o.Groups, ","))
	for _, kv := range o.Env {
		args = append(args, "--env", kv)
	}
	args = with(args, "--strategy", o.Strategy, "--signal", o.Signal, "--wait-timeout", o.WaitTimeout)
	for _, f := range []struct {
		name string
		on   bool
	}{{"--detach", o.Detach}, {"--update-only", o.UpdateOnly}, {"--skip-release-command", o.SkipReleaseCommand}} {
		if f.on {
			args = append(args, f.name)
		}
	}
	args = append(args, "--ha=false", "--yes")
	return slices.Concat(args, o.Extra, guest), nil // of two sizes the last counts
}
