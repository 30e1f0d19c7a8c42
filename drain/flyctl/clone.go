package flyctl

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// CloneOptions says what is to differ from the machine that is cloned.
type CloneOptions struct {
	Region     string
	Guest      Guest    // zero: as the source's
	StandbyFor []string // makes a standby, which is not started
}

// Clone makes a machine like another: image, config, env, metadata and size.
// It does not wait for the start. The id it gives is a hint from flyctl's talk,
// and can be empty; the list is the truth.
//
// Clone is never repeated: one that failed may have made its machine, and one
// that succeeded may have made two, as flyctl itself repeats a call that was
// answered 502 or 503. List, see what exists, and let what is too much go.
func (c *Client) Clone(ctx context.Context, id string, opts CloneOptions) (string, error) {
	if err := c.ready(); err != nil {
		return "", err
	}
	args, err := cloneArgs(c.App, id, opts)
	if err != nil {
		return "", err
	}
	res, err := c.do(ctx, call{args: args, machine: id, pace: c.creates})
	return clonedID(res.Stdout), err
}

// clonedID finds the new machine's id in flyctl's talk, or gives "".
func clonedID(talk []byte) string {
	if m := clonedPattern.FindStringSubmatch(clean(string(talk))); m != nil && CheckID(m[1]) == nil {
		return m[1]
	}
	return ""
}

var clonedPattern = regexp.MustCompile(`Machine ([a-z0-9]{4,}) has been created`)

func cloneArgs(app, id string, opts CloneOptions) ([]string, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	if err := CheckRegion(opts.Region); err != nil {
		return nil, err
	}
	guest, err := guestArgs(opts.Guest)
	if err != nil {
		return nil, err
	}
	for _, standby := range opts.StandbyFor {
		if err := CheckID(standby); err != nil {
			return nil, err
		}
	}
	args := append(machineArgs(app, "clone", id, "--region", opts.Region, "--detach"), guest...)
	if len(opts.StandbyFor) > 0 {
		args = append(args, "--standby-for", strings.Join(opts.StandbyFor, ","))
	}
	return args, nil
}

// guestArgs spells a size as flyctl takes it: what is zero is left to flyctl.
// It has no flags for GPUs any more ("GPU machines are no longer supported").
func guestArgs(g Guest) ([]string, error) {
	if g.GPUs > 0 || g.GPUKind != "" {
		return nil, fmt.Errorf("%w: flyctl makes no machines with GPUs any more", ErrUsage)
	}
	var args []string
	if g.CPUKind != "" {
		if err := check("CPU kind", g.CPUKind, wordPattern, "shared or performance"); err != nil {
			return nil, err
		}
		args = append(args, "--vm-cpu-kind", g.CPUKind)
	}
	if g.CPUs > 0 {
		args = append(args, "--vm-cpus", strconv.Itoa(g.CPUs))
	}
	if g.MemoryMB > 0 {
		args = append(args, "--vm-memory", strconv.Itoa(g.MemoryMB))
	}
	return args, nil
}
