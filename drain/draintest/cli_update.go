package draintest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// existing updates the machines that no filter left out.
func (d *deployment) existing() error {
	if len(d.chosen) == 0 {
		return nil
	}
	if d.strategy == "bluegreen" {
		fmt.Fprintf(d.out, "Updating existing machines in '%s' with bluegreen strategy\n", d.app)
		return d.bluegreen()
	}
	defer d.give()
	if err := d.leaseAll(d.chosen); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "Updating existing machines in '%s' with %s strategy\n", d.app, d.strategy)
	d.lines = status{0, len(d.chosen)}
	for _, m := range d.chosen {
		d.lines.n++
		id := fmt.Sprintf("%s [%s]", m.ID, m.Group())
		d.line(">", "Updating %s", id)
		c := d.configOf(m.Group(), &m.Config)
		skip := m.State == "stopped" || m.State == "suspended" || len(c.Standbys) > 0
		err := d.call("update", m.ID, func(w *World) error {
			return w.update(d.who, d.app, m.ID, d.nonce(m.ID), launch{Config: c, SkipLaunch: skip})
		})
		if err != nil {
			return d.failed(wrap(err, "failed to update machine %s: failed to update VM %s: %w", m.ID, m.ID, err))
		}
		if !skip && d.strategy != "immediate" {
			if err := d.updatedWell(m.ID); err != nil {
				return d.failed(err)
			}
		}
		d.line("✔", "Machine %s is now in a good state", id)
	}
	fmt.Fprintf(d.talk, "Finished deploying\n")
	return nil
}

func (d *deployment) updatedWell(id string) error {
	timeout := d.timeout
	if timeout == 0 {
		timeout = 2 * time.Minute
	}
	if d.on("detach") {
		return nil
	}
	if err := d.await(id, timeout, "started"); err != nil {
		return err
	}
	return d.awaitPassing(id, timeout)
}

// bluegreen is flyctl's own strategy, simply: green made out of traffic and
// checked, opened, 10 s, blue cordoned, 10 s, blue stopped and destroyed, busy or not.
func (d *deployment) bluegreen() error {
	say := func(text string) { fmt.Fprintf(d.talk, "\n%s\n", text) }
	blue := slices.Clone(d.chosen)
	defer d.give()
	if err := d.leaseAll(blue); err != nil {
		return err
	}
	say("Verifying if app can be safely deployed ")
	if err := d.oneImage(blue); err != nil {
		return err
	}
	say("Creating green machines")
	green, err := d.greens(blue)
	if err != nil {
		return err
	}
	say("Waiting for all green machines to start")
	timeout := d.timeout
	if timeout == 0 {
		timeout = 2 * time.Minute
	}
	for _, id := range green {
		if err := d.await(id, timeout, "started"); err != nil {
			return d.rollback(green, err)
		}
	}
	say("Waiting for all green machines to be healthy")
	for _, id := range green {
		if err := d.awaitPassing(id, timeout); err != nil {
			return d.rollback(green, err)
		}
	}
	say("Marking green machines as ready")
	for _, id := range green {
		err := d.call("uncordon", id, func(w *World) error { return w.cordon(d.who, d.app, id, "", false) })
		if err != nil {
			return wrap(err, "failed to uncordon VM: %w", err)
		}
	}
	say("Checkpointing deployment, this may take a few seconds...")
	say("Waiting before cordoning all blue machines")
	if err := d.pause(10 * time.Second); err != nil {
		return err
	}
	for _, m := range blue {
		err := d.call("cordon", m.ID, func(w *World) error { return w.cordon(d.who, d.app, m.ID, d.nonce(m.ID), true) })
		if err != nil {
			return wrap(err, "failed to cordon VM: %w", err)
		}
	}
	say("Waiting before stopping all blue machines")
	if err := d.pause(10 * time.Second); err != nil {
		return err
	}
	return d.retire(blue, timeout, say)
}

func (d *deployment) retire(blue []Machine, timeout time.Duration, say func(string)) error {
	say("Stopping all blue machines")
	for _, m := range blue {
		err := d.call("stop", m.ID, func(w *World) error { return w.stop(d.who, d.app, m.ID, d.nonce(m.ID), 0) })
		if err != nil {
			return wrap(err, "failed to stop VM %s: %w", m.ID, err)
		}
	}
	say("Waiting for all blue machines to stop")
	for _, m := range blue {
		if err := d.await(m.ID, timeout, "stopped", "destroyed"); errors.Is(err, errInterrupted) {
			return err
		}
	}
	say("Destroying all blue machines")
	for _, m := range blue {
		err := d.call("destroy", m.ID, func(w *World) error { return w.destroy(d.who, d.app, m.ID, d.nonce(m.ID), true) })
		if err != nil {
			return wrap(err, "failed to destroy VM %s: %w", m.ID, err)
		}
	}
	say("Deployment Complete")
	return nil
}

// oneImage refuses an app that runs several images, and one without checks.
func (d *deployment) oneImage(blue []Machine) error {
	images, checked := map[string]int{}, false
	for _, m := range blue {
		if m.Host == "ok" {
			images[m.Config.Image]++
		}
		checked = checked || d.configOf(m.Group(), &m.Config).Checked()
	}
	if len(images) > 1 {
		fmt.Fprintf(d.talk, "\n  Found %d different images in your app (for bluegreen to work, all machines need to run a single image)\n", len(images))
		for _, image := range sortedKeys(images) {
			fmt.Fprintf(d.talk, "    [x] %s - %d machine(s)\n", image, images[image])
		}
		return errors.New("found multiple image versions")
	}
	if !checked {
		fmt.Fprint(d.talk, "\n\nYou need to define at least 1 check in order to use blue-green deployments. Refer to https://fly.io/docs/reference/configuration/#services-tcp_checks\n")
		return errors.New("invalid bluegreen configuration")
	}
	return nil
}

func (d *deployment) greens(blue []Machine) ([]string, error) {
	var green []string
	for _, m := range blue {
		c := d.configOf(m.Group(), &m.Config)
		var id string
		// Its creates are tagged, and repeated where the rate limit refuses them.
		for try := 0; ; try++ {
			var err error
			id, err = d.launch(launch{Region: m.Region, Config: c, Hold: true})
			if err == nil {
				break
			}
			if try == 10 || errors.Is(err, errInterrupted) {
				return nil, d.rollback(green, wrap(err, "failed to launch VM: %w", err))
			}
			if err := d.pause(time.Second); err != nil {
				return nil, d.rollback(green, err)
			}
		}
		fmt.Fprintf(d.talk, "  Created machine %s [%s]\n", id, m.Group())
		green = append(green, id)
	}
	return green, nil
}

// rollback takes green away again.
func (d *deployment) rollback(green []string, cause error) error {
	d.done = true
	for _, id := range green {
		d.call("destroy", id, func(w *World) error { return w.destroy(d.who, d.app, id, "", true) })
	}
	d.done = false
	return cause
}
