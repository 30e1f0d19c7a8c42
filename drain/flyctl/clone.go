package flyctl

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
)

// CloneOptions say how the clone differs from its source.
type CloneOptions struct {
	Region     string   // required
	Guest      Guest    // zero is the source's
	StandbyFor []string // ids: makes a standby for them, which is not started
}

// Clone makes a machine with the image, config, env, metadata and size of another.
// It does not wait for the start. The id that it returns is what flyctl printed,
// also after a failure, and can be empty: the list is the truth.
//
// Clone is never repeated. One that failed may have made its machine. One that
// succeeded may have made two, as flyctl itself repeats a call that was answered
// 502 or 503. List, and destroy what is surplus.
func (c *Client) Clone(ctx context.Context, id string, opts CloneOptions) (string, error) {
	args, err := cloneArgs(c.App, id, opts)
	if err != nil {
		return "", err
	}
	res, err := c.do(ctx, call{args: args, machine: id, pace: []*pacer{&c.creates}})
	return clonedID(res.Stdout), err
}

// clonedID returns the new machine's id as flyctl printed it, or "".
func clonedID(talk []byte) string {
	if m := clonedPattern.FindStringSubmatch(visible(string(talk))); m != nil && ValidateID(m[1]) == nil {
		return m[1]
	}
	return ""
}

var clonedPattern = regexp.MustCompile(`Machine ([a-z0-9]{4,}) has been created`)

func cloneArgs(app, id string, opts CloneOptions) ([]string, error) {
	guest, err := guestArgs(opts.Guest)
	if err := cmp.Or(idPattern.check(id), regionPattern.check(opts.Region), err, idPattern.check(opts.StandbyFor...)); err != nil {
		return nil, err
	}
	args := append(machineArgs(app, "clone", id, "--region", opts.Region, "--detach"), guest...)
	return with(args, "--standby-for", strings.Join(opts.StandbyFor, ",")), nil
}

// guestArgs returns the flags for a size; zero fields are left to flyctl. It has no
// flags for GPUs any more ("GPU machines are no longer supported").
func guestArgs(g Guest) ([]string, error) {
	if g.GPUs > 0 || g.GPUKind != "" {
		return nil, fmt.Errorf("%w: flyctl no longer makes machines with GPUs", ErrUsage)
	}
	args := with(nil, "--vm-cpu-kind", g.CPUKind, "--vm-cpus", positive(g.CPUs), "--vm-memory", positive(g.MemoryMB))
	return args, cpuKindPattern.check(g.CPUKind)
}
