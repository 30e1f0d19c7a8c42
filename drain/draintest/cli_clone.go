package draintest

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// source is the machine that is cloned or updated.
func (s *session) source() (m Machine, err error) {
	ms, err := s.fetch(s.pos)
	if err == nil {
		m = ms[0]
	}
	if err == nil && m.Host != "ok" {
		err = errors.New("the machine is on an unreachable host, try again later")
	}
	return m, err
}

func (s *session) clone() error {
	m, err := s.source()
	if err != nil {
		return err
	}
	region := cmp.Or(s.text("region"), m.Region)
	fmt.Fprintf(s.out, "Cloning Machine %s into region %s\n", m.ID, region)
	c := m.Config.Clone()
	if c.Guest, err = s.guest(c.Guest); err != nil {
		return err
	}
	if c.AutoDestroy = c.AutoDestroy && !s.on("clear-auto-destroy"); c.AutoDestroy {
		fmt.Fprint(s.out, "Auto destroy enabled and will destroy Machine on exit. Use --clear-auto-destroy to remove this setting.\n")
	}
	if s.flags.Changed("standby-for") {
		c.Standbys = s.items("standby-for")
		if i := slices.Index(c.Standbys, "source"); i >= 0 {
			c.Standbys[i] = m.ID
		}
		c.Env = config.Merge(c.Env, map[string]string{"FLY_STANDBY_FOR": strings.Join(c.Standbys, ",")})
	}
	for _, mount := range c.Mounts {
		fmt.Fprintf(s.out, "Volume '%s' will start empty\n", mount.Name)
	}
	in := launch{Name: s.text("name"), Region: region, Config: c, SkipLaunch: len(c.Standbys) > 0}
	fmt.Fprintf(s.out, "Provisioning a new Machine with image %s...\n", m.Config.Image)
	id, err := s.launch(in)
	if err != nil {
		return wrap(err, "failed to launch VM: %w", err)
	}
	fmt.Fprintf(s.out, "  Machine %s has been created...\n", id)
	if s.on("detach") {
		return nil
	}
	if !in.SkipLaunch {
		fmt.Fprintf(s.out, "  Waiting for Machine %s to start...\n", id)
		if err := s.await(id, 5*time.Minute, "started"); err != nil {
			return err
		}
		if err := s.awaitChecks(id); err != nil {
			return wrap(err, "error while watching health checks: %w", err)
		}
	}
	fmt.Fprint(s.out, "Machine has been successfully cloned!\n")
	return nil
}

// launch creates a machine and returns the id in the last answer.
func (s *session) launch(in launch) (id string, err error) {
	err = s.call("create", "", func(w *World) error {
		m, err := w.create(s.who, s.app, in)
		if err == nil {
			id = m.ID
		}
		return err
	})
	return id, err
}

// awaitChecks is how clone and update wait for health: a look a second.
func (s *session) awaitChecks(id string) error {
	return s.poll(time.Second, 5*time.Minute, errors.New("context deadline exceeded"), func() (bool, error) {
		m, err := s.fetchOne(id)
		if err != nil {
			return false, err
		}
		total, passing := len(m.statuses(moment{State: m.State})), 0
		if m.Passing {
			passing = total
		}
		if total == 0 {
			fmt.Fprintln(s.out, "No health checks found")
		} else {
			fmt.Fprintf(s.talk, "  Waiting for %s to become healthy (%s, %d/%d)\n", id, m.State, passing, total)
		}
		return passing == total, nil
	})
}

func (s *session) update() error {
	m, err := s.source()
	if err != nil {
		return err
	}
	defer s.give()
	if err := s.leaseAll([]Machine{m}); err != nil {
		return err
	}
	c, err := s.updated(m.Config)
	if err != nil {
		return err
	}
	if !s.on("yes") {
		fmt.Fprint(s.out, "Configuration changes to be applied to machine: "+m.ID+" ("+m.Name+")\n\n\t... // the configuration, with its differences\n\n")
		return errors.New("yes flag must be specified when not running interactively")
	}
	fmt.Fprintf(s.out, "Updating machine %s\n", m.ID)
	skip := s.on("skip-start") || len(c.Standbys) > 0
	err = s.call("update", m.ID, func(w *World) error {
		return w.update(s.who, s.app, m.ID, s.nonce(m.ID), launch{Config: c, SkipLaunch: skip})
	})
	if err != nil {
		return s.couldNot("update", m.ID, err)
	}
	if err := s.await(m.ID, time.Duration(s.number("wait-timeout"))*time.Second, "started", "stopped", "failed", "destroyed"); err != nil {
		return err
	}
	if !skip && !s.on("skip-health-checks") {
		if err := s.awaitChecks(m.ID); err != nil {
			return wrap(err, "failed to wait for health checks to pass: %w", err)
		}
	}
	fmt.Fprintf(s.out, "Machine %s updated successfully!\n", m.ID)
	fmt.Fprintf(s.out, "\nMonitor machine status here:\nhttps://fly.io/apps/%s/machines/%s\n", s.app, m.ID)
	return nil
}

// updated is the configuration with what the flags of machine update change.
func (s *session) updated(c config.Machine) (config.Machine, error) {
	c = c.Clone()
	if text := s.text("machine-config"); text != "" {
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return c, fmt.Errorf("invalid machine config: %w", err)
		}
	}
	c.Image = cmp.Or(s.text("image"), c.Image)
	var err error
	if c.Guest, err = s.guest(c.Guest); err != nil {
		return c, err
	}
	if s.flags.Changed("autostop") {
		text := s.text("autostop")
		if !slices.Contains([]string{"off", "stop", "suspend"}, text) {
			return c, fmt.Errorf("invalid value for the 'autostop' flag: %q", text)
		}
		for i := range c.Services {
			c.Services[i].Autostop = config.Autostop(text)
		}
	}
	for on, i := s.on("autostart"), 0; i < len(c.Services) && s.flags.Changed("autostart"); i++ {
		c.Services[i].Autostart = &on
	}
	if s.flags.Changed("standby-for") {
		c.Standbys = s.items("standby-for")
	}
	for flag, to := range map[string]*map[string]string{"env": &c.Env, "metadata": &c.Metadata} {
		pairs, err := s.pairs(flag)
		if err != nil {
			return c, err
		}
		*to = config.Merge(*to, pairs)
	}
	return c, nil
}

// literals are the files of --file-literal, PATH=VALUE, as a machine has them.
func (s *session) literals() (config.Raw, error) {
	pairs, err := s.pairs("file-literal")
	if err != nil || len(pairs) == 0 {
		return "", err
	}
	files := []map[string]string{}
	for _, path := range sortedKeys(pairs) {
		files = append(files, map[string]string{"guest_path": path, "raw_value": base64.StdEncoding.EncodeToString([]byte(pairs[path]))})
	}
	data, err := json.Marshal(files)
	return config.Raw(data), err
}

// pairs reads a flag of KEY=VALUE.
func (s *session) pairs(flag string) (map[string]string, error) {
	all, _ := s.flags.GetStringArray(flag)
	m := map[string]string{}
	for _, one := range all {
		k, v, ok := strings.Cut(one, "=")
		if !ok {
			return nil, fmt.Errorf("'%s': must be in the format NAME=VALUE", one)
		}
		m[k] = v
	}
	return m, nil
}
