package draintest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// line is one of work in progress, as flyctl prints them without a terminal.
func (d *deployment) line(mark, format string, args ...any) {
	fmt.Fprintf(d.out, "%s [%d/%d] %s\n", mark, d.at, d.of, fmt.Sprintf(format, args...))
}

func (s *session) doErr(f func(*World) error) error {
	var inner error
	if err := s.do(func(w *World) { inner = f(w) }); err != nil {
		return err
	}
	return inner
}

// configOf is what a machine of a group gets from this deploy.
func (d *deployment) configOf(group string, old *config.Machine) config.Machine {
	c := d.cfg.Machine(group, old)
	if sized := c.Guest; sized.CPUs == 0 {
		c.Guest = d.guest
		c.Guest.HostDedicationID = cmp.Or(sized.HostDedicationID, c.Guest.HostDedicationID)
	}
	c.Image = d.image
	c.Files = cmp.Or(d.files, c.Files)
	c.Containers = config.Raw(strings.ReplaceAll(string(c.Containers), config.Released, d.image))
	c.Metadata["fly_release_id"] = d.releaseID()
	c.Metadata["fly_release_version"] = fmt.Sprint(d.release)
	c.Metadata["fly_flyctl_version"] = "0.4.87"
	return c
}

// releaseCommand runs in a machine of its own, which is gone afterwards.
func (d *deployment) releaseCommand() error {
	if d.on("skip-release-command") || d.cfg.Deploy.ReleaseCommand == "" {
		return nil
	}
	fmt.Fprintf(d.talk, "Running %s release_command: %s\n", d.app, d.cfg.Deploy.ReleaseCommand)
	c := d.configOf("fly_app_release_command", nil)
	c.Services, c.Checks, c.Mounts, c.AutoDestroy = nil, nil, nil, false
	c.Init.Cmd = strings.Fields(d.cfg.Deploy.ReleaseCommand)
	id, err := d.launch(launch{Region: d.cfg.PrimaryRegion, Config: c})
	if err != nil {
		return wrap(err, "release command failed - aborting deployment. error running release_command machine: error creating a release_command machine: failed to launch VM: %w", err)
	}
	if err := d.await(id, 5*time.Minute, "started"); err != nil {
		return err
	}
	fails := false
	err = d.do(func(w *World) {
		fails = w.image(d.image).ReleaseFails
		w.vanish(w.Machines[id], "the end of the release command")
	})
	if fails {
		fmt.Fprintf(d.talk, "Error release_command failed running on machine %s with exit code 1.\nChecking logs: fetching the last 100 lines below:\n", id)
		return fmt.Errorf("release command failed - aborting deployment. machine %s exited with non-zero status of 1", id)
	}
	return err
}

// groups makes one machine for each group that has none, one after another, and
// removes the machines of groups that are gone.
func (d *deployment) groups() error {
	names := d.names()
	var gone []Machine
	need := slices.DeleteFunc(slices.Clone(names), d.has)
	d.chosen = slices.DeleteFunc(d.chosen, func(m Machine) bool {
		if slices.Contains(names, m.Group()) {
			return false
		}
		gone = append(gone, m)
		return true
	})
	d.announce(need, gone)
	if d.strategy == "canary" && !d.first {
		d.at, d.of = 0, len(names)
		if err := ofEach(names, d.canary); err != nil {
			return err
		}
	}
	if err := ofEach(gone, func(m Machine) error { return d.destroy(m, true) }); err != nil || d.on("update-only") || len(need) == 0 {
		return err
	}
	d.at, d.of = 0, len(need)
	err := ofEach(need, d.spares)
	if err == nil {
		fmt.Fprintln(d.talk, "Finished launching new machines")
	}
	return err
}

func (d *deployment) announce(need []string, gone []Machine) {
	if len(need)+len(gone) == 0 {
		return
	}
	if d.first {
		fmt.Fprintln(d.out, "This deployment will:")
	} else {
		fmt.Fprintln(d.out, "Process groups have changed. This will:")
	}
	removed := map[string]int{}
	for _, m := range gone {
		removed[m.Group()]++
	}
	for _, g := range sortedKeys(removed) {
		fmt.Fprintf(d.out, " * destroy %d \"%s\" machine%s\n", removed[g], g, plural(removed[g]))
	}
	for _, g := range need {
		c := d.cfg.Machine(g, nil)
		switch {
		case !d.on("ha") || len(c.Mounts) > 0:
			fmt.Fprintf(d.out, " * create 1 \"%s\" machine\n", g)
		case len(c.Services) > 0:
			fmt.Fprintf(d.out, " * create 2 \"%s\" machines\n", g)
		default:
			fmt.Fprintf(d.out, " * create 1 \"%s\" machine and 1 standby machine for it\n", g)
		}
	}
	fmt.Fprintln(d.out)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// spares makes a group's machine and, with --ha, its second or its standby.
func (d *deployment) spares(group string) error {
	d.at++
	d.line(">", "Launching new machine")
	fmt.Fprintf(d.out, "No machines in group %s, launching a new machine\n", group)
	id, err := d.spawn(group, nil, nil)
	if err != nil || !d.on("ha") {
		return err
	}
	c := d.cfg.Machine(group, nil)
	switch {
	case len(c.Mounts) > 0:
		return nil
	case len(c.Services) > 0:
		fmt.Fprintln(d.out, "Creating a second machine for high availability and zero downtime deployments.")
		fmt.Fprintln(d.out, "To disable this, set \"min_machines_running = 0\" in your fly.toml.")
		_, err = d.spawn(group, nil, nil)
	default:
		fmt.Fprintf(d.out, "Creating a standby machine for %s\n", id)
		_, err = d.spawn(group, []string{id}, nil)
	}
	return err
}

// spawn makes a machine and waits for it as the flags have it. Its lease goes back
// at the end; where flyctl is interrupted it stays its time.
func (d *deployment) spawn(group string, standbyFor []string, meta map[string]string) (string, error) {
	c := d.configOf(group, nil)
	c.Metadata = config.Merge(c.Metadata, meta)
	if c.Standbys = standbyFor; len(standbyFor) > 0 {
		c.Env["FLY_STANDBY_FOR"] = strings.Join(standbyFor, ",")
	}
	in := launch{Region: d.cfg.PrimaryRegion, Config: c, SkipLaunch: len(standbyFor) > 0, Lease: d.timeout}
	id, err := d.launch(in)
	if err != nil {
		return "", d.failed(wrap(err, "error creating a new machine: failed to launch VM: %w", err))
	}
	d.line(">", "Machine %s [%s] was created", id, group)
	if !in.SkipLaunch && d.strategy != "immediate" {
		err = d.healthy(id, group, c)
	}
	if d.timeout > 0 && !d.interrupted() {
		d.call("release", id, func(w *World) error { w.Machines[id].Lease = nil; return nil })
	}
	if err != nil {
		return "", d.failed(err)
	}
	return id, nil
}

func (d *deployment) failed(err error) error {
	if err != nil && err != errInterrupted {
		d.line("✖", "Failed: %v", err)
	}
	return err
}

// healthy waits for a new machine: start, smoke checks, health, listening.
func (d *deployment) healthy(id, group string, c config.Machine) error {
	if !d.on("detach") {
		err := inTurn(
			func() error { return d.awaitStarted(id) },
			func() error { return d.smoke(id) },
			func() error { return d.awaitPassing(id) })
		if err != nil {
			return err
		}
		d.line("✔", "Machine %s [%s] update finished: success", id, group)
	}
	return d.listen(id, group, c)
}

func (d *deployment) smoke(id string) error {
	if !d.on("smoke-checks") {
		return nil
	}
	err := d.pause(10 * time.Second)
	if m, _ := d.fetchOne(id); err == nil && m.State != "started" {
		err = fmt.Errorf("smoke checks for %s failed: the app appears to be crashing", id)
	}
	return err
}

// patience is how long it waits for a machine to start, and to become healthy.
func (d *deployment) patience() time.Duration { return cmp.Or(d.timeout, 2*time.Minute) }

func (d *deployment) awaitStarted(id string) error { return d.await(id, d.patience(), "started") }

func (d *deployment) awaitPassing(id string) error {
	late := fmt.Errorf("timeout reached waiting for health checks to pass for machine %s: failed to get VM %s: Get \"http://127.0.0.1:4280/v1/apps/%s/machines/%s\": net/http: request canceled", id, id, d.app, id)
	return d.poll(time.Second, d.patience(), late, func() (bool, error) {
		m, err := d.fetchOne(id)
		return m.Passing, wrap(err, "failed to get VM %s: %w", id, err)
	})
}

// listen polls, once a group, until the app listens: 15 s, or the longest grace
// period. It only ever warns.
func (d *deployment) listen(id, group string, c config.Machine) error {
	tcp := slices.ContainsFunc(c.Services, func(s config.Service) bool { return s.Protocol == "tcp" })
	if slices.Contains(d.listened, group) || !tcp {
		return nil
	}
	d.listened = append(d.listened, group)
	limit := 15 * time.Second
	for _, s := range c.Services {
		for _, check := range s.Checks {
			grace, _ := time.ParseDuration(check.GracePeriod) // none is 0
			limit = max(limit, grace)
		}
	}
	return d.poll(time.Second, limit, nil, func() (up bool, _ error) {
		err := d.call("ps", id, func(w *World) error {
			m, err := w.get(d.app, id)
			up = err == nil && m.Passing
			return err
		})
		return up || errors.Is(err, errInterrupted), nil
	})
}

// canary makes an extra machine of a group, and destroys it when it is well.
func (d *deployment) canary(group string) error {
	d.at++
	d.line(">", "Creating canary machine for group %s", group)
	id, err := d.spawn(group, nil, map[string]string{"fly_canary": "true"})
	if err != nil {
		return err
	}
	return d.call("destroy", id, func(w *World) error { return w.destroy(by{Who: d.who.Who}, d.app, id, "", true) })
}
