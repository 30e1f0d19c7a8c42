package draintest

import (
	"cmp"
	"errors"
	"fmt"
)

// listedApp is an app as flyctl prints it, without what is never set here.
type listedApp struct {
	ID           string
	Name         string
	Status       string
	Deployed     bool
	Hostname     string
	Organization struct{ Slug string }
}

func (s *session) appsCreate() error {
	name := s.text("name")
	if len(s.pos) == 1 {
		name = s.pos[0]
	}
	switch {
	case name == "":
		return errors.New("name argument or flag must be specified when not running interactively")
	case s.text("org") == "":
		return errors.New("org slug must be specified when not running interactively")
	}
	err := s.call("create app", name, func(w *World) error {
		if w.Apps[name] != nil {
			return refused(422, "Validation failed: Name has already been taken")
		}
		err := w.AddApp(name)
		w.Apps[name].Org, w.Apps[name].Config = s.text("org"), nil
		return err
	})
	if err == nil {
		fmt.Fprintf(s.out, "New app created: %s\n", name)
	}
	return err
}

func (s *session) appsList() error {
	list := []listedApp{}
	err := s.call("list apps", "", func(w *World) error {
		for _, name := range sortedKeys(w.Apps) {
			a, org := w.Apps[name], cmp.Or(w.Apps[name].Org, "personal")
			if wanted := s.text("org"); wanted != "" && wanted != org {
				continue
			}
			one := listedApp{ID: name, Name: name, Status: "pending", Deployed: a.Release > 0, Hostname: name + ".fly.dev"}
			if one.Organization.Slug = org; len(a.Machines) > 0 {
				one.Status = "deployed"
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !s.on("json") {
		for _, one := range list {
			fmt.Fprintf(s.out, "%s\t%s\t%s\n", one.Name, one.Organization.Slug, one.Status)
		}
		return nil
	}
	data, err := printed(list)
	if err == nil {
		_, err = s.out.Write(data)
	}
	return err
}

// appsDestroy destroys apps with their machines, whatever those do.
func (s *session) appsDestroy() error {
	switch {
	case len(s.pos) == 0:
		return errors.New("no app names provided")
	case !s.on("yes"):
		fmt.Fprintln(s.talk, "Destroying an app is not reversible.")
		return errors.New("yes flag must be specified when not running interactively")
	}
	return ofEach(s.pos, func(name string) error {
		err := s.call("destroy app", name, func(w *World) error {
			if _, err := w.app(name); err != nil {
				return fmt.Errorf("failed to run query ($appName: String!) { … }: Could not find App %q", name)
			}
			for _, m := range w.Live(name) {
				w.outside(m, s.who.Who, func() { w.vanish(m, s.who.Who) })
			}
			delete(w.Apps, name)
			return nil
		})
		if err == nil {
			fmt.Fprintf(s.out, "Destroyed app %s\n", name)
		}
		return err
	})
}

// restartAll restarts machines, each until it is healthy again.
func (s *session) restartAll() error {
	return s.each(func(m Machine) error {
		fmt.Fprintf(s.out, "Restarting machine %s\n", m.ID)
		err := s.call("restart", m.ID, func(w *World) error { return w.restart(s.who, s.app, m.ID, s.nonce(m.ID)) })
		if err != nil {
			return wrap(err, "failed to restart machine %s: could not stop machine %s: failed to restart VM %s: %w", m.ID, m.ID, m.ID, err)
		}
		d := &deployment{session: s}
		err = d.awaitStarted(m.ID)
		switch {
		case err != nil || s.on("skip-health-checks"):
		case m.Config.Checked():
			err = d.awaitPassing(m.ID)
		default:
			fmt.Fprintln(s.out, "No health checks found")
		}
		if err == nil {
			fmt.Fprintf(s.out, "Machine %s restarted successfully!\n", m.ID)
		}
		return err
	})
}
