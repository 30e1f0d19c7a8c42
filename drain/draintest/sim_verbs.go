package draintest

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// simVerbs are flysim's commands.
var simVerbs = map[string]func(*simCommand, *World) error{
	"app":      plain(func(c *simCommand, w *World) error { return w.AddApp(c.arg(0), c.pos[min(1, len(c.pos)):]...) }),
	"machine":  (*simCommand).addMachine,
	"image":    (*simCommand).addImage,
	"answer":   (*simCommand).answer,
	"mark":     plain((*simCommand).mark),
	"volume":   plain((*simCommand).volume),
	"connect":  (*simCommand).connect,
	"load":     (*simCommand).load,
	"hangup":   plain((*simCommand).hangup),
	"fault":    (*simCommand).fault,
	"faults":   plain(func(_ *simCommand, w *World) error { w.Faults = nil; return nil }),
	"set":      plain((*simCommand).set),
	"advance":  plain((*simCommand).advance),
	"baseline": plain(func(_ *simCommand, w *World) error { w.Baseline(); return nil }),
	"list":     plain((*simCommand).list),
	"calls":    plain((*simCommand).calls),
	"account":  plain(func(c *simCommand, w *World) error { _, err := fmt.Fprint(c.out, w.Account); return err }),
	"exposures": plain(func(c *simCommand, w *World) error {
		for _, e := range w.Exposures() {
			fmt.Fprintf(c.out, "%s %s %s landed %d\n", e.App, e.Machine, e.Time, e.Landed)
		}
		return nil
	}),
	"breaches": plain((*simCommand).breaches),
}

// plain is a command without flags.
func plain(run func(*simCommand, *World) error) func(*simCommand, *World) error {
	return func(c *simCommand, w *World) error {
		if err := c.flags(); err != nil {
			return err
		}
		return run(c, w)
	}
}

func (c *simCommand) breaches(w *World) error {
	for _, b := range w.Breaches {
		fmt.Fprintln(c.out, b)
	}
	if n := len(w.Breaches); n > 0 {
		return fmt.Errorf("%d breaches", n)
	}
	return nil
}

func (c *simCommand) calls(w *World) error {
	for _, line := range w.Lines(strings.Join(c.pos, " ")) {
		fmt.Fprintln(c.out, line)
	}
	return nil
}

func (c *simCommand) list(w *World) error {
	t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, app := range sortedKeys(w.Apps) {
		if c.arg(0) != "" && c.arg(0) != app {
			continue
		}
		for _, m := range w.Live(app) {
			cordoned, group := "open", m.Group()
			if m.Cordoned {
				cordoned = "cordoned"
			}
			if !m.managed() {
				group = "-"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", m.ID, app, group, m.Region, m.State, cordoned, w.Open(m.ID))
		}
	}
	return t.Flush()
}

func (c *simCommand) addMachine(w *World) error {
	var f struct {
		Group, Region, Image string
		Unmanaged            bool
	}
	a, err := c.app(w)
	if err == nil {
		err = c.flags(&f)
	}
	if err != nil {
		return err
	}
	region, image := cmp.Or(f.Region, a.Config.PrimaryRegion), cmp.Or(f.Image, "registry.fly.io/"+a.Name+":v1")
	m := w.AddUnmanaged
	if !f.Unmanaged {
		m = func(app, region, image string) *Machine {
			return w.AddMachine(app, cmp.Or(f.Group, w.frontGroup(a)), region, image)
		}
	}
	_, err = fmt.Fprintln(c.out, m(a.Name, region, image).ID)
	return err
}

func (c *simCommand) addImage(w *World) error {
	i := &Image{}
	err := c.flags(i)
	w.Images[c.arg(0)] = i
	return err
}

func (c *simCommand) answer(w *World) error {
	var a ExecAnswer
	err := c.flags(&a)
	answers := map[string]ExecAnswer{c.arg(1): a}
	if m := w.Machine(c.arg(0)); m != nil {
		m.Exec = config.Merge(m.Exec, answers)
		return err
	}
	i := w.image(c.arg(0))
	i.Exec = config.Merge(i.Exec, answers)
	w.Images[c.arg(0)] = i
	return err
}

func (c *simCommand) mark(w *World) error {
	for _, id := range c.pos[min(1, len(c.pos)):] {
		if w.Machine(id) == nil {
			return fmt.Errorf("mark: no machine %q", id)
		}
		w.Remark(c.arg(0), id)
	}
	return nil
}

func (c *simCommand) volume(w *World) error {
	n, err := c.number(2)
	if err != nil {
		return err
	}
	a, err := c.app(w)
	if err == nil {
		a.Volumes[c.arg(1)] = n
	}
	return err
}

func (c *simCommand) connect(w *World) error {
	var f struct {
		Group, Region string
		Lives         time.Duration
	}
	n, err := c.number(1)
	if err == nil {
		err = c.flags(&f)
	}
	if err != nil {
		return err
	}
	a, err := c.app(w)
	if err == nil {
		w.Connect(a.Name, f.Group, f.Region, n, f.Lives)
	}
	return err
}

func (c *simCommand) load(w *World) error {
	l, f := Load{App: c.arg(0), Every: time.Second, Min: time.Second, Max: 30 * time.Second}, struct{ For time.Duration }{time.Minute}
	_, err := c.app(w)
	if err == nil {
		err = c.flags(&l, &f)
	}
	if err == nil {
		l.Until = w.Now.Add(f.For)
		w.Serve(l)
	}
	return err
}

func (c *simCommand) hangup(w *World) error {
	n, err := c.number(1)
	if err == nil {
		w.HangUp(c.arg(0), n)
	}
	return err
}

func (c *simCommand) fault(w *World) error {
	f := &Fault{}
	if err := c.flags(f); err != nil {
		return err
	}
	f.Command = strings.Join(c.pos, " ")
	w.Faults = append(w.Faults, f)
	return nil
}

func (c *simCommand) act(w *World) error {
	a, f := Action{For: time.Hour}, struct{ In time.Duration }{}
	if err := c.flags(&a, &f); err != nil {
		return err
	}
	a.Kind, a.Machine = c.verb, c.arg(0)
	if w.Machine(a.Machine) == nil {
		return fmt.Errorf("%s: no machine %q", c.verb, a.Machine)
	}
	w.At(w.Now.Add(f.In), a)
	return nil
}

func (c *simCommand) advance(w *World) error {
	d, err := time.ParseDuration(c.arg(0))
	if err == nil {
		w.advance(w.Now.Add(d))
	}
	return err
}

func (c *simCommand) set(w *World) error {
	key, value := c.arg(0), strings.Join(c.pos[min(1, len(c.pos)):], " ")
	switch key {
	case "now":
		t, err := time.Parse(time.RFC3339, value)
		w.advance(t)
		return err
	case "exit-delay", "autostop":
		d, err := time.ParseDuration(value)
		if key == "autostop" && err == nil {
			w.Autostop(d)
			return nil
		}
		for _, a := range w.Apps {
			a.ExitDelay = d
		}
		return err
	}
	fs := flag.NewFlagSet("set", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	flagFields(fs, w)
	if err := fs.Set(key, value); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	return nil
}
