package draintest

import (
	"encoding/json"
	"errors"
	"fmt"
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
	return json.NewEncoder(s.out).Encode(struct{ Name, Version, Commit, BranchName, BuildDate, OS, Architecture, Environment string }{
		"flyctl", v, "<none>", branch, "2026-08-21T00:00:00Z", "linux", "amd64", environment,
	})
}

func (s *session) configShow() error {
	cfg := s.cfg
	if !s.on("local") {
		err := s.call("config", "", func(w *World) error {
			a, err := w.app(s.app)
			if err == nil {
				cfg = a.Config
			}
			return err
		})
		if err != nil {
			return err
		}
	} else if err := s.call("config", "", func(*World) error { return nil }); err != nil {
		return err
	}
	if cfg == nil {
		return refused(0, "No local fly.toml found")
	}
	_, err := fmt.Fprint(s.out, cfg)
	return err
}

// locate finds the app of a machine where no app is named.
func (s *session) locate(ids []string) error {
	switch {
	case s.app == "" && len(ids) == 0:
		return errors.New("a machine ID or an app name is required")
	case len(ids) == 0:
		return errors.New("a machine ID must be specified when not running interactively")
	case s.app != "":
		return nil
	}
	return s.call("get", ids[0], func(w *World) error {
		m := w.Machine(ids[0])
		if m == nil {
			return errors.New("could not get machine from GraphQL to determine app name: Could not find Machine")
		}
		s.app = m.App
		return nil
	})
}

// fetch gets machines one by one, as they are now.
func (s *session) fetch(ids []string) ([]Machine, error) {
	if err := s.locate(ids); err != nil {
		return nil, err
	}
	var ms []Machine
	for _, id := range ids {
		m, err := s.fetchOne(id)
		if err != nil {
			return nil, s.missing(id, err, "could not get machine %s: failed to get VM %s: %w", id, id, err)
		}
		ms = append(ms, m)
	}
	return ms, nil
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

// missing words an error as flyctl does when the machine is not there.
func (s *session) missing(id string, err error, format string, args ...any) error {
	switch {
	case errors.Is(err, errInterrupted):
		return err
	case strings.Contains(err.Error(), "machine not found"):
		return fmt.Errorf("machine %s was not found in app '%s'", id, s.app)
	}
	return fmt.Errorf(format, args...)
}

// leaseAll takes a lease on each machine. Where one can not be had for a minute
// it fails, and the machines after that one stay leased, as flyctl has it.
func (s *session) leaseAll(ms []Machine) error {
	nonces := make([]string, len(ms))
	var failed error
	at := len(ms)
	for i, m := range ms {
		if m.Host != "ok" {
			continue
		}
		nonce, err := s.leaseOne(m.ID)
		switch {
		case errors.Is(err, errInterrupted):
			return err
		case err != nil && failed == nil:
			failed, at = err, i
		}
		if nonces[i] = nonce; err == nil && i < at {
			s.held = append(s.held, holding{m.ID, nonce})
		}
	}
	return failed
}

func (s *session) leaseOne(id string) (nonce string, err error) {
	said := false
	for waited := time.Duration(0); ; waited += time.Second {
		err = s.call("lease", id, func(w *World) error {
			var err error
			nonce, err = w.lease(s.app, id, 120*time.Second)
			return err
		})
		if err == nil || errors.Is(err, errInterrupted) {
			return nonce, err
		}
		if waited >= 2*time.Second && !said {
			said = true
			fmt.Fprintf(s.out, "Waiting on lease for machine %s...\n", id)
		}
		if waited >= time.Minute {
			return "", fmt.Errorf("failed to obtain lease: failed to get lease on VM %s: %w", id, err)
		}
		if err := s.pause(time.Second); err != nil {
			return "", err
		}
	}
}

func (s *session) nonce(id string) string {
	for _, h := range s.held {
		if h.id == id {
			return h.nonce
		}
	}
	return ""
}

// give gives the leases back at the end of a command.
func (s *session) give() {
	cut := s.interrupted()
	if cut {
		for _, h := range s.held {
			fmt.Fprintf(s.out, "Releasing lease for machine %s...\n", h.id)
		}
	}
	s.settle(func(id string, err error) {
		if err != nil && !strings.Contains(err.Error(), "lease not found") {
			fmt.Fprintf(s.out, "failed to release lease for machine %s: %v\n", id, err)
		}
	})
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
	for _, m := range ms {
		if err := f(m); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) cordonAll() error {
	verb, doing := strings.TrimPrefix(s.name, "machine "), "Activating"
	if verb == "uncordon" {
		doing = "Deactivating"
	}
	return s.each(func(m Machine) error {
		fmt.Fprintf(s.out, "%s cordon on machine %s...\n", doing, m.ID)
		err := s.call(verb, m.ID, func(w *World) error {
			return w.cordon(s.who, s.app, m.ID, s.nonce(m.ID), verb == "cordon")
		})
		if err == nil {
			fmt.Fprintln(s.out, "done!")
			return nil
		}
		return wrap(err, "failed to %s VM: %w", verb, err)
	})
}

// wrap words an error, but for an interrupt.
func wrap(err error, format string, args ...any) error {
	if errors.Is(err, errInterrupted) {
		return err
	}
	return fmt.Errorf(format, args...)
}

func (s *session) startAll() error {
	return s.each(func(m Machine) error {
		err := s.call("start", m.ID, func(w *World) error { return w.start(s.who, s.app, m.ID, s.nonce(m.ID)) })
		if err != nil {
			return s.missing(m.ID, err, "could not start machine %s: failed to start VM %s: %w", m.ID, m.ID, err)
		}
		fmt.Fprintf(s.out, "%s has been started\n", m.ID)
		return nil
	})
}

func (s *session) stopAll() error {
	seconds, _ := s.flags.GetInt("timeout")
	wait, _ := s.flags.GetDuration("wait-timeout")
	return s.each(func(m Machine) error {
		fmt.Fprintf(s.out, "Sending kill signal to machine %s...\n", m.ID)
		err := s.call("stop", m.ID, func(w *World) error {
			return w.stop(s.who, s.app, m.ID, s.nonce(m.ID), time.Duration(seconds)*time.Second)
		})
		if err != nil {
			return s.missing(m.ID, err, "could not stop machine %s: failed to stop VM %s: %w", m.ID, m.ID, err)
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

var errTimeout = errors.New("timeout reached waiting for machine's state to change")

// await waits until a machine is in a state, or gone.
func (s *session) await(id string, timeout time.Duration, states ...string) error {
	const step = 200 * time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		there := false
		err := s.do(func(w *World) {
			m := w.Machines[id]
			for _, state := range states {
				there = there || m != nil && m.State == state
			}
		})
		if err != nil || there {
			return err
		}
		if waited >= timeout {
			return errTimeout
		}
		if err := s.pause(step); err != nil {
			return err
		}
	}
}

func (s *session) destroyAll() error {
	force := s.on("force")
	return s.each(func(m Machine) error {
		switch m.State {
		case "stopped", "suspended":
		case "destroyed":
			return fmt.Errorf("machine %s has already been destroyed", m.ID)
		case "started":
			if !force {
				return fmt.Errorf("machine %s currently started, either stop first or use --force flag", m.ID)
			}
		default:
			if !force {
				return fmt.Errorf("machine %s is in a %s state and cannot be destroyed since it is not stopped or suspended, either stop first or use --force flag", m.ID, m.State)
			}
		}
		fmt.Fprintf(s.out, "machine %s was found and is currently in %s state, attempting to destroy...\n", m.ID, m.State)
		err := s.call("destroy", m.ID, func(w *World) error {
			return w.destroy(s.who, s.app, m.ID, s.nonce(m.ID), force)
		})
		if err != nil {
			return s.missing(m.ID, err, "could not destroy machine %s: failed to destroy VM %s: %w", m.ID, m.ID, err)
		}
		fmt.Fprintf(s.out, "%s has been destroyed\n", m.ID)
		return nil
	})
}
