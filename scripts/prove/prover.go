package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// prover is what a run was asked for, and what it stands on.
type prover struct {
	org, image     string
	regions        []string
	hold           time.Duration // for how long connections are held on a cordoned machine
	watch          time.Duration // for how long the effect of a change is looked for
	every          time.Duration // between two looks
	yes, clean     bool
	markdown, json string // files

	in      io.Reader // the answer
	talk    io.Writer
	flyctl  flyctl.Runner
	network network
	canary  canary
	metrics metrics
}

func (p *prover) say(format string, args ...any) {
	fmt.Fprintln(p.talk, flyctl.Printable(fmt.Sprintf(format, args...)))
}

// do runs flyctl once. The error is flyctl's own words.
func (p *prover) do(ctx context.Context, args ...string) (flyctl.Result, error) {
	res, err := p.flyctl(ctx, flyctl.Command{Args: args, Wait: 2 * time.Second})
	if err == nil && res.ExitCode != 0 {
		_, why, _ := strings.Cut(string(res.Stderr), "Error: ")
		err = errors.New(flyctl.Printable(why))
	}
	if err != nil {
		err = fmt.Errorf("flyctl %s: %w", strings.Join(args[:2], " "), err)
	}
	return res, err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return context.Cause(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// longest is how long a run can take, beside the hold.
const longest = time.Hour

// inTurn takes steps up to the first error.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
