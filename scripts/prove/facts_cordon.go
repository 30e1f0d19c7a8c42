package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

var noNewOnes = fact{
	"a cordoned machine gets no new connections", "none later than 10 s after the cordon",
	"one of three machines is cordoned; 12 connections are opened at once, again and again",
	func(ctx context.Context, s *scene) (seen, error) {
		before := 0
		for round := 0; round < 10 && before == 0; round++ {
			on, err := s.landings(many)
			if err != nil {
				return seen{}, err
			}
			before = on[s.blue]
		}
		if err := s.client.Cordon(ctx, s.blue); err != nil {
			return seen{}, err
		}
		if s.cordoned = time.Now(); before == 0 {
			return seen{}, errors.New("it got none before the cordon either")
		}
		late, last, after := 0, time.Duration(0), 0
		err := s.watching(ctx, func() error {
			on, err := s.landings(many)
			if since := time.Since(s.cordoned); on[s.blue] > 0 {
				late, last, after = late+on[s.blue], since, 0
			} else if err == nil {
				after += many
			}
			_, err = s.machine(ctx, s.blue)
			return err
		})
		if err != nil {
			return seen{}, err
		}
		if late+after == 0 {
			return seen{}, errors.New("no connection could be opened")
		}
		return see(last <= s.most(10*time.Second) && after > 0, "%d landed on it after the cordon, the last %v after it; of the next %d, none did", late, last.Round(100*time.Millisecond), after)
	},
}

// keeps is that connections of a kind outlive a cordon.
func keeps(kind, called string) fact {
	return fact{
		"a cordoned machine keeps its " + called, "it stays open as long as the client wants",
		"opened before the cordon and held, as one on a machine that is not cordoned",
		func(ctx context.Context, s *scene) (seen, error) {
			of := func(v *visit) bool { return v.kind == kind }
			i, j := slices.IndexFunc(s.held, of), slices.IndexFunc(s.control, of)
			switch {
			case i < 0:
				return seen{}, fmt.Errorf("could not be opened: %w", s.unopened[kind])
			case s.cordoned.IsZero():
				return seen{}, errors.New("the machine was not cordoned")
			}
			if err := wait(ctx, time.Until(s.cordoned.Add(s.hold))); err != nil {
				return seen{}, err
			}
			v := s.held[i]
			if !v.over() {
				return see(true, "still open %v after the cordon", time.Since(s.cordoned).Round(time.Second))
			}
			after := v.at.Sub(s.cordoned).Round(100 * time.Millisecond)
			if j >= 0 && s.control[j].over() {
				return seen{}, fmt.Errorf("ended %v after the cordon: %w; but the one on another machine ended too", after, v.why)
			}
			return see(false, "ended %v after the cordon: %v", after, v.why)
		},
	}
}

// outlives is that a machine is still cordoned after something.
func outlives(what string, do func(*scene, context.Context) error) fact {
	return fact{
		"a cordon outlives " + what, "the list still shows it, and no connection lands there",
		"on a cordoned machine; then the list, and 12 connections at once",
		func(ctx context.Context, s *scene) (seen, error) {
			if s.spare == "" {
				return seen{}, errNoSpare
			}
			var m flyctl.Machine
			err := inTurn(
				func() error { return s.client.Cordon(ctx, s.spare) }, // where it has lost that before
				func() error { return do(s, ctx) },
				func() error { _, err := s.until(ctx, changesWithin, s.spare, flyctl.Machine.Healthy); return err },
				func() error { return s.known(ctx) },
				func() (err error) { m, err = s.machine(ctx, s.spare); return err })
			if err != nil {
				return seen{}, err
			}
			on, err := s.landings(many)
			if err != nil {
				return seen{}, err
			}
			says := map[bool]string{true: "cordoned", false: "not cordoned"}[m.Cordoned]
			return see(m.Cordoned && on[s.spare] == 0, "the list says %s; %d connections landed on it", says, on[s.spare])
		},
	}
}

func (s *scene) stopStart(ctx context.Context) error {
	err := s.stop(ctx)
	if err == nil {
		err = s.client.Start(ctx, s.spare)
	}
	return err
}

func (s *scene) stop(ctx context.Context) error {
	err := s.client.Stop(ctx, s.spare, flyctl.StopOptions{})
	if err == nil {
		_, err = s.until(ctx, changesWithin, s.spare, flyctl.Machine.Stopped)
	}
	return err
}

func (s *scene) restart(ctx context.Context) error {
	_, err := s.do(ctx, "machine", "restart", s.spare, "--app", s.app)
	return err
}

func (s *scene) update(ctx context.Context) error {
	return s.client.Update(ctx, s.spare, flyctl.UpdateOptions{Autostop: "off"})
}

var forced = fact{
	"fly-force-instance-id reaches a cordoned machine", "it does, so clients that use it are not moved by a cordon",
	"a request with the header, for the cordoned machine",
	func(_ context.Context, s *scene) (seen, error) {
		if s.cordoned.IsZero() {
			return seen{}, errors.New("the machine was not cordoned")
		}
		v, err := s.network.open(s.app, "request", s.blue)
		if err != nil {
			return see(false, "refused: %v", err)
		}
		v.close()
		return see(v.machine == s.blue, "answered by %s", map[bool]string{true: "that machine", false: "another machine"}[v.machine == s.blue])
	},
}
