package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

const changesWithin = 5 * time.Minute // a machine's start, stop, checks

// machine returns a machine as the list has it; the zero one where it is not listed.
func (s *scene) machine(ctx context.Context, id string) (flyctl.Machine, error) {
	all, err := s.client.List(ctx)
	if i := slices.IndexFunc(all, func(m flyctl.Machine) bool { return m.ID == id }); i >= 0 {
		return all[i], err
	}
	return flyctl.Machine{}, err
}

// until lists until a machine is as it should be. It returns how long that took.
func (s *scene) until(ctx context.Context, limit time.Duration, id string, is func(flyctl.Machine) bool) (time.Duration, error) {
	for begun := time.Now(); ; {
		m, err := s.machine(ctx, id)
		took := time.Since(begun).Round(100 * time.Millisecond)
		switch {
		case err == nil && is(m):
			return took, nil
		case time.Since(begun) > limit:
			return took, errors.Join(fmt.Errorf("not within %v: machine %s is %q", limit, id, m.State), err)
		}
		if err := wait(ctx, s.every); err != nil {
			return took, err
		}
	}
}

// healthy returns the ids of n machines, when they are.
func (s *scene) healthy(ctx context.Context, n int) (ids []string, err error) {
	for begun := time.Now(); ; {
		all, err := s.client.List(ctx)
		ids = nil
		for _, m := range all {
			if m.Healthy() {
				ids = append(ids, m.ID)
			}
		}
		if err == nil && len(ids) == n && len(all) == n {
			return ids, nil
		}
		if time.Since(begun) > changesWithin {
			return nil, errors.Join(fmt.Errorf("not within %v: of %d machines %d are healthy, and should be %d", changesWithin, len(all), len(ids), n), err)
		}
		if err := wait(ctx, s.every); err != nil {
			return nil, err
		}
	}
}

// reachable returns when the app answers: its name is new to all resolvers.
func (s *scene) reachable(ctx context.Context) error {
	for begun := time.Now(); ; {
		v, err := s.network.open(s.app, "request", "")
		if err == nil {
			v.close()
			return nil
		}
		if time.Since(begun) > changesWithin {
			return fmt.Errorf("the app does not answer: %w", err)
		}
		if err := wait(ctx, s.every); err != nil {
			return err
		}
	}
}

// known returns when the proxies know what there is to know.
func (s *scene) known(ctx context.Context) error { return wait(ctx, s.most(10*time.Second)) }

// most is a wait of d, or less where less was asked for.
func (s *scene) most(d time.Duration) time.Duration { return min(d, s.watch) }

// landings opens n connections at once, closes them, and returns on which machines
// they were.
func (s *scene) landings(n int) (on map[string]int, err error) {
	on = map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	var visits []*visit
	for range n {
		all.Go(func() {
			v, e := s.network.open(s.app, "stream", "")
			mu.Lock()
			defer mu.Unlock()
			if e != nil {
				err = e
				return
			}
			on[v.machine]++
			visits = append(visits, v)
		})
	}
	all.Wait()
	for _, v := range visits {
		v.close()
	}
	if len(visits) > 0 {
		err = nil
	}
	return on, err
}

// many is how many connections at once are sure to meet each machine that takes some:
// the proxy prefers those with fewer.
const many = 12

// open returns how many connections are still held on the cordoned machine.
func (s *scene) open() (n int) {
	for _, v := range s.held {
		if !v.over() {
			n++
		}
	}
	return n
}
