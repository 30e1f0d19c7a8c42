package draintest

import (
	"errors"
	"fmt"
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
	d.of = len(d.chosen)
	for i, m := range d.chosen {
		d.at = i + 1
		id := fmt.Sprintf("%s [%s]", m.ID, m.Group())
		d.line(">", "Updating %s", id)
		c := d.configOf(m.Group(), &m.Config)
		skip := m.State == "stopped" || m.State == "suspended" || len(c.Standbys) > 0
		err := d.call("update", m.ID, func(w *World) error {
			return w.update(d.who, d.app, m.ID, d.nonce(m.ID), launch{Config: c, SkipLaunch: skip})
		})
		err = wrap(err, "failed to update machine %s: failed to update VM %s: %w", m.ID, m.ID, err)
		if err == nil && !skip && d.strategy != "immediate" && !d.on("detach") {
			err = inTurn(func() error { return d.awaitStarted(m.ID) }, func() error { return d.awaitPassing(m.ID) })
		}
		if err != nil {
			return d.failed(err)
		}
		d.line("✔", "Machine %s is now in a good state", id)
	}
	fmt.Fprintf(d.talk, "Finished deploying\n")
	return nil
}

// bluegreen is flyctl's own strategy, simply: green made out of traffic and
// checked, opened, 10 s, blue cordoned, 10 s, blue stopped and destroyed, busy or not.
func (d *deployment) bluegreen() error {
	var blue, green []string
	for _, m := range d.chosen {
		blue = append(blue, m.ID)
	}
	defer d.give()
	if err := d.leaseAll(d.chosen); err != nil {
		return err
	}
	pause := func() error { return d.pause(10 * time.Second) }
	type step struct {
		says string
		do   func() error
	}
	return ofEach([]step{
		{"Verifying if app can be safely deployed ", d.oneImage},
		{"Creating green machines", func() (err error) { green, err = d.greens(); return err }},
		{"Waiting for all green machines to start", func() error { return d.orRollback(green, d.awaitStarted) }},
		{"Waiting for all green machines to be healthy", func() error { return d.orRollback(green, d.awaitPassing) }},
		{"Marking green machines as ready", func() error { return d.toAll(green, "uncordon") }},
		{"Checkpointing deployment, this may take a few seconds...", func() error { return nil }},
		{"Waiting before cordoning all blue machines", pause},
		{"Cordoning all blue machines", func() error { return d.toAll(blue, "cordon") }},
		{"Waiting before stopping all blue machines", pause},
		{"Stopping all blue machines", func() error { return d.toAll(blue, "stop") }},
		{"Waiting for all blue machines to stop", func() error { return ofEach(blue, d.awaitStopped) }},
		{"Destroying all blue machines", func() error { return d.toAll(blue, "destroy") }},
		{"Deployment Complete", func() error { return nil }},
	}, func(s step) error {
		fmt.Fprintf(d.talk, "\n%s\n", s.says)
		return s.do()
	})
}

// toAll makes a call for each machine, one after another.
func (d *deployment) toAll(ids []string, verb string) error {
	return ofEach(ids, func(id string) error {
		err := d.call(verb, id, func(w *World) error {
			switch nonce := d.nonce(id); verb {
			case "stop":
				return w.stop(d.who, d.app, id, nonce, 0)
			case "destroy":
				return w.destroy(d.who, d.app, id, nonce, true)
			default:
				return w.cordon(d.who, d.app, id, nonce, verb == "cordon")
			}
		})
		return wrap(err, "failed to %s VM %s: %w", verb, id, err)
	})
}

// oneImage refuses an app that runs several images, and one without checks.
func (d *deployment) oneImage() error {
	images, checked := map[string]int{}, false
	for _, m := range d.chosen {
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

// greens makes them. Its creates are tagged, and repeated where the rate limit
// refuses them.
func (d *deployment) greens() (green []string, err error) {
	for _, m := range d.chosen {
		in := launch{Region: m.Region, Config: d.configOf(m.Group(), &m.Config), Hold: true}
		id, err := d.launch(in)
		for try := 0; err != nil && try < 10 && d.pause(time.Second) == nil; try++ {
			id, err = d.launch(in)
		}
		if err != nil {
			return nil, d.rollback(green, wrap(err, "failed to launch VM: %w", err))
		}
		fmt.Fprintf(d.talk, "  Created machine %s [%s]\n", id, m.Group())
		green = append(green, id)
	}
	return green, nil
}

func (d *deployment) awaitStopped(id string) error {
	err := d.await(id, d.patience(), "stopped", "destroyed")
	if !errors.Is(err, errInterrupted) {
		return nil
	}
	return err
}

// orRollback waits for each of green, or takes it away again.
func (d *deployment) orRollback(green []string, wait func(id string) error) error {
	if err := ofEach(green, wait); err != nil {
		return d.rollback(green, err)
	}
	return nil
}

func (d *deployment) rollback(green []string, cause error) error {
	d.done = true
	for _, id := range green {
		d.toAll([]string{id}, "destroy")
	}
	d.done = false
	return cause
}
