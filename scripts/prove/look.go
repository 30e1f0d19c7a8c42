package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

const changesWithin = 5 * time.Minute // a machine's start, stop, checks

// poll tries until it succeeds, and returns how long that took.
func (s *scene) poll(ctx context.Context, limit time.Duration, try func() error) (time.Duration, error) {
	for begun := time.Now(); ; {
		err := try()
		took := time.Since(begun).Round(100 * time.Millisecond)
		if err == nil {
			return took, nil
		}
		if took > limit {
			return took, fmt.Errorf("not within %v: %w", limit, err)
		}
		if err := wait(ctx, s.every); err != nil {
			return took, err
		}
	}
}

// watching looks again and again, for as long as the effect of a change is looked for.
func (s *scene) watching(ctx context.Context, look func() error) error {
	for begun := time.Now(); time.Since(begun) < s.watch; {
		if err := inTurn(look, func() error { return wait(ctx, s.every) }); err != nil {
			return err
		}
	}
	return nil
}

// machine returns a machine as the list has it; the zero one where it is not listed.
func (s *scene) machine(ctx context.Context, id string) (flyctl.Machine, error) {
	all, err := s.client.List(ctx)
	if i := slices.IndexFunc(all, func(m flyctl.Machine) bool { return m.ID == id }); i >= 0 {
		return all[i], err
	}
	return flyctl.Machine{}, err
}

// until lists until a machine is as it should be.
func (s *scene) until(ctx context.Context, limit time.Duration, id string, is func(flyctl.Machine) bool) (time.Duration, error) {
	return s.poll(ctx, limit, func() error {
		m, err := s.machine(ctx, id)
		if err == nil && !is(m) {
			err = fmt.Errorf("machine %s is %q", id, m.State)
		}
		return err
	})
}

// healthy returns the ids of n machines, when they are.
func (s *scene) healthy(ctx context.Context, n int) (ids []string, err error) {
	_, err = s.poll(ctx, changesWithin, func() error {
		all, err := s.client.List(ctx)
		ids = nil
		for _, m := range all {
			if m.Healthy() {
				ids = append(ids, m.ID)
			}
		}
		if err == nil && (len(ids) != n || len(all) != n) {
			err = fmt.Errorf("of %d machines %d are healthy, and should be %d", len(all), len(ids), n)
		}
		return err
	})
	return ids, err
}

// reachable returns when the app answers: its name is new to all resolvers.
func (s *scene) reachable(ctx context.Context) error {
	_, err := s.poll(ctx, changesWithin, func() error {
		v, err := s.network.open(s.app, "request", "")
		if err == nil {
			v.close()
		}
		return err
	})
	return err
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

// many is how many connections at once surely reach each machine that takes some: the
// proxy prefers machines with fewer.
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

func gone(m flyctl.Machine) bool { return m.ID == "" || m.Gone() }
