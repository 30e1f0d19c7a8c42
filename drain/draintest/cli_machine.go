package draintest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

func (s *session) version() error {
	var v string
	if err := s.call("version", "", func(w *World) error { v = w.Version; return nil }); err != nil {
		return err
	}
	if !s.on("json") {
		_, err := fmt.Fprintf(s.out, "flyctl v%s linux/amd64 Commit: <none> BuildDate: 2026-08-21T00:00:00Z\n", v)
		return err
	}
	branch, environment := "", "production"
	if strings.Contains(v, "dev") {
		branch, environment = "dev", "development"
	}
	const format = `{"Name":"flyctl","Version":%q,"Commit":"\u003cnone\u003e","BranchName":%q,"BuildDate":"2026-08-21T00:00:00Z","OS":"linux","Architecture":"amd64","Environment":%q}`
	_, err := fmt.Fprintf(s.out, format+"\n", v, branch, environment)
	return err
}

func (s *session) configShow() error {
	cfg := s.cfg
	err := s.call("config", "", func(w *World) error {
		if s.on("local") {
			return nil
		}
		a, err := w.app(s.app)
		if err == nil {
			cfg = a.Config
		}
		return err
	})
	if err == nil && cfg == nil {
		err = refused(0, "No local fly.toml found")
	}
	if err == nil {
		_, err = fmt.Fprint(s.out, cfg)
	}
	return err
}

// fetch gets machines one by one, as they are now, and finds their app where none
// is named.
func (s *session) fetch(ids []string) (ms []Machine, err error) {
	switch {
	case s.app == "" && len(ids) == 0:
		return nil, errors.New("a machine ID or an app name is required")
	case len(ids) == 0:
		return nil, errors.New("a machine ID must be specified when not running interactively")
	case s.app == "":
		err = s.call("get", ids[0], func(w *World) error {
			m := w.Machine(ids[0])
			if m == nil {
				return errors.New("could not get machine from GraphQL to determine app name: Could not find Machine")
			}
			s.app = m.App
			return nil
		})
	}
	for i := 0; i < len(ids) && err == nil; i++ {
		var m Machine
		m, err = s.fetchOne(ids[i])
		ms, err = append(ms, m), s.couldNot("get", ids[i], err)
	}
	return ms, err
}

func (s *session) fetchOne(id string) (m Machine, err error) {
	err = s.call("get", id, func(w *World) error {
		p, err := w.get(s.app, id)
		if err == nil {
			m = *p
		}
		return err
	})
	return m, err
}

// couldNot words an error as flyctl does, but for an interrupt.
func (s *session) couldNot(verb, id string, err error) error {
	if err != nil && strings.Contains(err.Error(), "machine not found") {
		return fmt.Errorf("machine %s was not found in app '%s'", id, s.app)
	}
	return wrap(err, "could not %s machine %s: failed to %s VM %s: %w", verb, id, verb, id, err)
}

// wrap words an error, but for an interrupt.
func wrap(err error, format string, args ...any) error {
	if err == nil || errors.Is(err, errInterrupted) {
		return err
	}
	return fmt.Errorf(format, args...)
}

// leaseAll takes a lease on each machine, 20 side by side. Where one cannot be had
// for a minute it fails, and the machines after that one stay leased, as flyctl has it.
func (s *session) leaseAll(ms []Machine) error {
	ms = slices.DeleteFunc(slices.Clone(ms), func(m Machine) bool { return m.Host != "ok" })
	nonces, errs := make([]string, len(ms)), make([]error, len(ms))
	s.sideBySide(20, len(ms), func(i int) { nonces[i], errs[i] = s.leaseOne(ms[i].ID) })
	var failed error
	for i, m := range ms {
		switch {
		case errors.Is(errs[i], errInterrupted):
			return errs[i]
		case failed != nil:
		case errs[i] != nil:
			failed = errs[i]
		default:
			s.held = append(s.held, holding{m.ID, nonces[i]})
		}
	}
	return failed
}

func (s *session) leaseOne(id string) (nonce string, err error) {
	tries := 0
	ended := s.poll(time.Second, time.Minute, nil, func() (bool, error) {
		err = s.call("lease", id, func(w *World) (err error) {
			nonce, err = w.lease(s.app, id, 120*time.Second)
			return err
		})
		if tries++; tries == 3 && err != nil {
			fmt.Fprintf(s.out, "Waiting on lease for machine %s...\n", id)
		}
		return err == nil || errors.Is(err, errInterrupted), nil
	})
	return nonce, cmp.Or(ended, wrap(err, "failed to obtain lease: failed to get lease on VM %s: %w", id, err))
}

func (s *session) nonce(id string) string {
	if i := slices.IndexFunc(s.held, func(h holding) bool { return h.id == id }); i >= 0 {
		return s.held[i].nonce
	}
	return ""
}

// give returns the leases that are known to be held, as flyctl does also when
// it was interrupted.
func (s *session) give() {
	if s.interrupted() {
		for _, h := range s.held {
			fmt.Fprintf(s.out, "Releasing lease for machine %s...\n", h.id)
		}
	}
	s.done = true
	if errors.Is(context.Cause(s.ctx), ErrKilled) {
		return
	}
	s.sideBySide(20, len(s.held), func(i int) {
		h := s.held[i]
		err := s.call("release", h.id, func(w *World) error { return w.release(s.app, h.id, h.nonce) })
		if err != nil && !strings.Contains(err.Error(), "lease not found") {
			fmt.Fprintf(s.out, "failed to release lease for machine %s: %v\n", h.id, err)
		}
	})
	s.held = nil
}

// each gets and leases machines, and does something to them in turn.
func (s *session) each(f func(m Machine) error) error {
	ms, err := s.fetch(s.pos)
	if err != nil {
		return err
	}
	defer s.give()
	if err := s.leaseAll(ms); err != nil {
		return err
	}
	return ofEach(ms, f)
}

func (s *session) cordonAll() error {
	verb, doing := "cordon", "Activating"
	if s.name == "machine uncordon" {
		verb, doing = "uncordon", "Deactivating"
	}
	return s.each(func(m Machine) error {
		fmt.Fprintf(s.out, "%s cordon on machine %s...\n", doing, m.ID)
		err := s.call(verb, m.ID, func(w *World) error {
			return w.cordon(s.who, s.app, m.ID, s.nonce(m.ID), verb == "cordon")
		})
		if err == nil {
			fmt.Fprintln(s.out, "done!")
		}
		return wrap(err, "failed to %s VM: %w", verb, err)
	})
}

func (s *session) startAll() error {
	return s.each(func(m Machine) error {
		err := s.call("start", m.ID, func(w *World) error { return w.start(s.who, s.app, m.ID, s.nonce(m.ID)) })
		if err == nil {
			fmt.Fprintf(s.out, "%s has been started\n", m.ID)
		}
		return s.couldNot("start", m.ID, err)
	})
}

func (s *session) stopAll() error {
	timeout := time.Duration(s.number("timeout")) * time.Second
	wait, _ := s.flags.GetDuration("wait-timeout")
	return s.each(func(m Machine) error {
		fmt.Fprintf(s.out, "Sending kill signal to machine %s...\n", m.ID)
		err := s.call("stop", m.ID, func(w *World) error { return w.stop(s.who, s.app, m.ID, s.nonce(m.ID), timeout) })
		if err != nil {
			return s.couldNot("stop", m.ID, err)
		}
		if wait > 0 {
			// The API waits for a minute at most.
			if err := s.await(m.ID, min(wait, time.Minute), "stopped"); err != nil {
				return wrap(err, "machine %s did not stop within the wait timeout: %w", m.ID, err)
			}
		}
		fmt.Fprintf(s.out, "%s has been successfully stopped\n", m.ID)
		return nil
	})
}

// await waits until a machine is in a state.
func (s *session) await(id string, timeout time.Duration, states ...string) error {
	late := errors.New("timeout reached waiting for machine's state to change")
	return s.poll(200*time.Millisecond, timeout, late, func() (there bool, err error) {
		err = s.do(func(w *World) { there = w.Machines[id] != nil && slices.Contains(states, w.Machines[id].State) })
		return there, err
	})
}

func (s *session) destroyAll() error {
	force := s.on("force")
	return s.each(func(m Machine) error {
		switch {
		case m.State == "destroyed":
			return fmt.Errorf("machine %s has already been destroyed", m.ID)
		case m.State == "stopped" || m.State == "suspended" || force:
		case m.State == "started":
			return fmt.Errorf("machine %s currently started, either stop first or use --force flag", m.ID)
		default:
			return fmt.Errorf("machine %s is in a %s state and cannot be destroyed since it is not stopped or suspended, either stop first or use --force flag", m.ID, m.State)
		}
		if err := s.destroy(m, force); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s has been destroyed\n", m.ID)
		return nil
	})
}

func (s *session) destroy(m Machine, force bool) error {
	fmt.Fprintf(s.out, "machine %s was found and is currently in %s state, attempting to destroy...\n", m.ID, m.State)
	err := s.call("destroy", m.ID, func(w *World) error { return w.destroy(s.who, s.app, m.ID, s.nonce(m.ID), force) })
	return s.couldNot("destroy", m.ID, err)
}
