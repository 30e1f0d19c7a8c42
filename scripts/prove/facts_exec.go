package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// answer is what a command in a machine printed, as flyctl passes it on.
type answer struct {
	ExitCode int    `json:"exit_code"`
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
}

// exec runs a command in a machine, once, for as long as it takes.
func (s *scene) exec(ctx context.Context, id, command string) (answer, time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, 3*time.Minute, errors.New("no answer in 3 minutes"))
	defer cancel()
	begun := time.Now()
	res, err := s.do(ctx, "machine", "exec", id, command, "--json", "--app", s.app)
	var out answer
	if err == nil {
		err = json.Unmarshal(res.Stdout, &out)
	}
	return out, time.Since(begun).Round(time.Second), err
}

var execStopped = fact{
	"exec in a stopped machine", "it fails: nothing is known of its connections",
	"machine exec on a machine that was stopped",
	func(ctx context.Context, s *scene) (seen, error) {
		if s.spare == "" {
			return seen{}, errNoSpare
		}
		if err := s.stop(ctx); err != nil {
			return seen{}, err
		}
		out, _, failed := s.exec(ctx, s.spare, "cat /proc/net/sockstat")
		if err := s.client.Start(ctx, s.spare); err != nil {
			return seen{}, err
		}
		if _, err := s.until(ctx, changesWithin, s.spare, flyctl.Machine.Healthy); err != nil {
			return seen{}, err
		}
		if failed == nil {
			return see(false, "it answered: %q", out.Stdout)
		}
		return see(true, "%v", failed)
	},
}

// What cat prints is asked for in pieces of a MiB.
const little, much = 2, 12

var execOutput = fact{
	"how much exec may print", fmt.Sprintf("%d MiB come whole, and too much is an error, never a text that was cut off", little),
	fmt.Sprintf("cat of %d MiB and of %d MiB", little, much),
	func(ctx context.Context, s *scene) (seen, error) {
		as, texts := true, []string{}
		for _, size := range []int{little, much} {
			out, _, err := s.exec(ctx, s.other, "cat"+strings.Repeat(" /mebibyte", size))
			switch n := len(out.Stdout); {
			case err != nil:
				as = as && size == much
				texts = append(texts, fmt.Sprintf("%d MiB: %v", size, err))
			case n == size<<20:
				texts = append(texts, fmt.Sprintf("%d MiB whole", size))
			default:
				as = false
				texts = append(texts, fmt.Sprintf("of %d MiB only %d bytes, exit code %d %s", size, n, out.ExitCode, out.Stderr))
			}
		}
		return see(as, "%s", strings.Join(texts, "; "))
	},
}

var execTime = fact{
	"how long exec may take", "a command is ended after about 30 s, and that is an error",
	"a command that sleeps for 60 s",
	func(ctx context.Context, s *scene) (seen, error) {
		out, took, err := s.exec(ctx, s.other, "sleep 60")
		switch {
		case err != nil && took < s.most(10*time.Second):
			return seen{}, err // it was no time limit that ended it
		case err != nil:
			return see(true, "after %v: %v", took, err)
		}
		return see(false, "it ran for %v, exit code %d", took, out.ExitCode)
	},
}
