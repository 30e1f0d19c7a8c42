package draintest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

func (s *session) deploy() error {
	d := &deployment{session: s}
	if err := inTurn(d.config, d.build); err != nil || s.on("build-only") {
		return err
	}
	fmt.Fprintf(s.out, "\nWatch your deployment at https://fly.io/apps/%s/monitoring\n\n", s.app)
	if err := inTurn(d.prepare, d.filter, d.volumes, d.entry, d.releaseCommand, d.groups, d.existing); err != nil {
		return err
	}
	if s.env("FLY_EMIT_RELEASE_JSON") != "" {
		fmt.Fprintf(s.out, "{\"id\":%q,\"version\":%d,\"image_ref\":%q}\n", d.releaseID(), d.release, d.image)
	}
	fmt.Fprintf(s.out, "\nVisit your newly deployed app at https://%s.fly.dev/\n\n", s.app)
	return nil
}

// config takes fly.toml, or the configuration of the last deploy.
func (d *deployment) config() error {
	fmt.Fprintln(d.talk, "==> Verifying app config")
	err := d.callApp("config", func(_ *World, a *App) error {
		if d.cfg == nil && a.Config != nil {
			cfg := *a.Config
			d.cfg = &cfg
		}
		return nil
	})
	switch {
	case err != nil && d.cfg == nil:
		return wrap(err, "the app name %s could not be found, did you create the app or misspell it in the fly.toml file or via -a?", d.app)
	case err != nil:
		return err
	case d.cfg == nil:
		return errors.New("could not create a fly.toml from any machines")
	}
	fmt.Fprintf(d.out, "Validating %s\n", d.cfg.Path)
	if faults := d.cfg.Faults(); len(faults) > 0 {
		for _, fault := range faults {
			fmt.Fprintf(d.out, "\x1b[31m✘\x1b[0m %s\n", fault)
		}
		return errors.New("App configuration is not valid")
	}
	fmt.Fprintf(d.out, "\x1b[32m✓\x1b[0m Configuration is valid\n")
	env, err := d.pairs("env")
	if err != nil {
		return fmt.Errorf("failed parsing environment: %w", err)
	}
	d.cfg.Env = config.Merge(d.cfg.Env, env)
	d.cfg.PrimaryRegion = cmp.Or(d.text("primary-region"), d.cfg.PrimaryRegion)
	if d.files, err = d.literals(); err != nil {
		return err
	}
	fmt.Fprintln(d.talk, "--> Verified app config")
	return nil
}

// build finds the image, or makes one.
func (d *deployment) build() error {
	fmt.Fprintln(d.talk, "==> Building image")
	if d.image = cmp.Or(d.text("image"), d.cfg.Build.Image); d.image != "" {
		fmt.Fprintf(d.talk, "Searching for image '%s' remotely...\n", d.image)
		if d.doErr(func(w *World) error { return w.known(d.image) }) != nil {
			return fmt.Errorf("failed to fetch an image or build from source: could not find image %q", d.image)
		}
		fmt.Fprintln(d.talk, "image found: img_test")
		return nil
	}
	fmt.Fprint(d.talk, "#5 [2/2] RUN make\n") // as BuildKit prints it
	label, took := d.text("image-label"), time.Duration(0)
	err := d.callApp("build", func(w *World, a *App) error {
		if label == "" {
			a.Built++
			label = fmt.Sprintf("deployment-%s%03d", w.Now.UTC().Format("20060102150405"), a.Built)
		}
		d.image, took = "registry.fly.io/"+d.app+":"+label, w.BuildTime
		pushed, image := d.on("push") || !d.on("build-only"), w.Images[d.image]
		if image == nil {
			image = &Image{Missing: true}
			w.Images[d.image] = image
		}
		if pushed {
			image.Missing, image.KnownFrom = false, w.Now.Add(w.BuildTime+w.RegistryLag)
		}
		return nil
	})
	if err == nil {
		err = d.pause(took)
	}
	if err != nil {
		return wrap(err, "failed to fetch an image or build from source: %w", err)
	}
	fmt.Fprintf(d.talk, "image: %s\nimage size: 42 MB\n", d.image)
	return nil
}

// prepare reads the flags, lists the machines, and applies the filters.
func (d *deployment) prepare() error {
	var err error
	if d.guest, err = d.session.guest(config.Guest{}); err != nil {
		return err
	}
	lease, err := d.duration("lease-timeout")
	if err != nil {
		return err
	}
	if d.timeout, err = d.duration("wait-timeout"); err != nil {
		return err
	}
	if wait := d.cfg.Deploy.WaitTimeout; wait != "" && !d.flags.Changed("wait-timeout") {
		if d.timeout, err = time.ParseDuration(wait); err != nil {
			return err
		}
	}
	if d.timeout != 5*time.Minute || lease != 13*time.Second {
		fmt.Fprintf(d.out, "\x1b[2mINFO\x1b[0m Using wait timeout: %s lease timeout: %s delay between lease refreshes: %s\n\n",
			d.timeout, lease, (lease-time.Second)/3)
	}
	d.strategy = cmp.Or(d.text("strategy"), d.cfg.Deploy.Strategy, "rolling")
	if !slices.Contains([]string{"canary", "rolling", "bluegreen", "immediate"}, d.strategy) {
		return fmt.Errorf("unsupported deployment strategy %q; must be one of canary, rolling, immediate, bluegreen", d.strategy)
	}
	for _, g := range d.items("process-groups") {
		if !slices.Contains(d.cfg.Groups(), g) {
			return fmt.Errorf("process group %q is not in the app's configuration", g)
		}
	}
	others := 0
	err = d.callApp("list", func(w *World, a *App) error {
		d.all, others = nil, 0
		for _, v := range w.view(d.app, w.strikeList(d.name, d.app)) {
			if m := w.Machines[v.ID]; m.managed() {
				d.all = append(d.all, *m)
			} else {
				others++
			}
		}
		d.first = a.Release == 0 || len(d.all) == 0 && others > 0
		return nil
	})
	return wrap(err, "failed to list VMs even after retries: %w", err)
}

func (d *deployment) duration(flag string) (time.Duration, error) {
	text := d.text(flag)
	if text == "none" {
		return 0, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	t, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("invalid duration value %v used for --%s flag: valid options are a number of seconds, number with time unit (i.e.: 5m, 180s) or 'none'", text, flag)
	}
	return t, nil
}

func (d *deployment) filter() error {
	applied := []string{}
	d.chosen = slices.Clone(d.all)
	for _, flag := range []string{"regions", "only-regions", "exclude-regions", "only-machines", "exclude-machines", "process-groups"} {
		named := strings.Fields(strings.Join(d.items(flag), " "))
		if len(named) == 0 || len(d.chosen) == 0 {
			continue
		}
		applied = append(applied, "--"+flag)
		d.chosen = slices.DeleteFunc(d.chosen, func(m Machine) bool {
			of := m.Group()
			switch {
			case strings.HasSuffix(flag, "regions"):
				of = m.Region
			case strings.HasSuffix(flag, "machines"):
				of = m.ID
			}
			return slices.Contains(named, of) == strings.HasPrefix(flag, "exclude")
		})
	}
	if n := len(applied); n > 0 {
		fmt.Fprintf(d.talk, "%s filter%s applied, deploying to %d/%d machines\n", strings.Join(applied, "/"), plural(n), len(d.chosen), len(d.all))
	}
	return nil
}

// volumes fails where a group with mounts needs a volume for its first machine.
func (d *deployment) volumes() error {
	return d.doErr(func(w *World) error {
		for _, group := range d.names() {
			for _, m := range d.cfg.Mounts {
				if !d.has(group) && config.In(m.Processes, group) && w.Apps[d.app].Volumes[m.Source] == 0 {
					return fmt.Errorf("creating a new machine in group '%s' requires an unattached '%s' volume. Create it with `fly volume create %s`", group, m.Source, m.Source)
				}
			}
		}
		return nil
	})
}

// entry makes the release, with which the configuration is stored.
func (d *deployment) entry() error {
	return d.callApp("entry", func(_ *World, a *App) error {
		a.Release++
		d.release = a.Release
		cfg := *d.cfg
		if d.text("strategy") != "" {
			cfg.Deploy.Strategy = d.strategy
		}
		a.Config = &cfg
		return nil
	})
}
