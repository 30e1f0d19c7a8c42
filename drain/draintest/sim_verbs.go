package draintest

import (
	"cmp"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// simVerbs are flysim's commands.
var simVerbs = map[string]func(*simCommand, *World){
	"app":      plain(func(c *simCommand, w *World) { c.fail(w.AddApp(c.arg(0), c.pos[min(1, len(c.pos)):]...)) }),
	"machine":  (*simCommand).addMachine,
	"image":    (*simCommand).addImage,
	"answer":   (*simCommand).answer,
	"mark":     plain((*simCommand).mark),
	"volume":   plain((*simCommand).volume),
	"connect":  (*simCommand).connect,
	"load":     (*simCommand).load,
	"hangup":   plain((*simCommand).hangup),
	"fault":    (*simCommand).fault,
	"faults":   plain(func(_ *simCommand, w *World) { w.Faults = nil }),
	"set":      plain((*simCommand).set),
	"advance":  plain((*simCommand).advance),
	"baseline": plain(func(_ *simCommand, w *World) { w.Baseline() }),
	"list":     plain((*simCommand).list),
	"calls":    plain((*simCommand).calls),
	"account":  plain(func(c *simCommand, w *World) { fmt.Fprint(c.out, w.Account) }),
	"breaches": plain((*simCommand).breaches),
}

// plain is a command without flags.
func plain(run func(*simCommand, *World)) func(*simCommand, *World) {
	return func(c *simCommand, w *World) {
		if c.flags() {
			run(c, w)
		}
	}
}

func (c *simCommand) breaches(w *World) {
	for _, b := range w.Breaches {
		fmt.Fprintln(c.out, b)
	}
	if n := len(w.Breaches); n > 0 {
		c.fail(fmt.Errorf("%d", n))
	}
}

func (c *simCommand) calls(w *World) {
	for _, line := range w.Lines(strings.Join(c.pos, " ")) {
		fmt.Fprintln(c.out, line)
	}
}

func (c *simCommand) list(w *World) {
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
	c.fail(t.Flush())
}

func (c *simCommand) addMachine(w *World) {
	var f struct {
		Group, Region, Image string
		Unmanaged            bool
	}
	a := c.app(w)
	if !c.flags(&f) {
		return
	}
	group := cmp.Or(f.Group, w.frontGroup(a))
	if f.Unmanaged {
		group = ""
	}
	m := w.AddMachine(a.Name, group, cmp.Or(f.Region, a.Config.PrimaryRegion), cmp.Or(f.Image, "registry.fly.io/"+a.Name+":v1"))
	fmt.Fprintln(c.out, m.ID)
}

func (c *simCommand) addImage(w *World) {
	if i := (&Image{}); c.flags(i) {
		w.Images[c.arg(0)] = i
	}
}

func (c *simCommand) answer(w *World) {
	var a ExecAnswer
	if !c.flags(&a) {
		return
	}
	answers := map[string]ExecAnswer{c.arg(1): a}
	if m := w.Machine(c.arg(0)); m != nil {
		m.Exec = config.Merge(m.Exec, answers)
		return
	}
	i := w.image(c.arg(0))
	i.Exec = config.Merge(i.Exec, answers)
	w.Images[c.arg(0)] = i
}

func (c *simCommand) mark(w *World) {
	for _, id := range c.pos[min(1, len(c.pos)):] {
		if w.Machine(id) == nil {
			c.fail(fmt.Errorf("no machine %q", id))
			return
		}
		w.Remark(c.arg(0), id)
	}
}

func (c *simCommand) volume(w *World) {
	if n, a := c.number(2), c.app(w); c.err == nil {
		a.Volumes[c.arg(1)] = n
	}
}

func (c *simCommand) connect(w *World) {
	var f struct {
		Group, Region string
		Lives         time.Duration
	}
	if n, a := c.number(1), c.app(w); c.flags(&f) {
		w.Connect(a.Name, f.Group, f.Region, n, f.Lives)
	}
}

func (c *simCommand) load(w *World) {
	l, f := Load{App: c.arg(0), Every: time.Second, Min: time.Second, Max: 30 * time.Second}, struct{ For time.Duration }{time.Minute}
	if c.app(w); c.flags(&l, &f) {
		l.Until = w.Now.Add(f.For)
		w.Serve(l)
	}
}

func (c *simCommand) hangup(w *World) {
	if n := c.number(1); c.err == nil {
		w.HangUp(c.arg(0), n)
	}
}

func (c *simCommand) fault(w *World) {
	if f := (&Fault{}); c.flags(f) {
		f.Command = strings.Join(c.pos, " ")
		w.Faults = append(w.Faults, f)
	}
}

func (c *simCommand) act(w *World) {
	a, f := Action{For: time.Hour}, struct{ In time.Duration }{}
	if !c.flags(&a, &f) {
		return
	}
	a.Kind, a.Machine = c.verb, c.arg(0)
	if w.Machine(a.Machine) == nil {
		c.fail(fmt.Errorf("no machine %q", a.Machine))
		return
	}
	w.At(w.Now.Add(f.In), a)
}

func (c *simCommand) advance(w *World) {
	d, err := time.ParseDuration(c.arg(0))
	if !c.fail(err) {
		w.advance(w.Now.Add(d))
	}
}

func (c *simCommand) set(w *World) {
	key, value := c.arg(0), strings.Join(c.pos[min(1, len(c.pos)):], " ")
	d, err := time.ParseDuration(value)
	switch key {
	case "now":
		t, err := time.Parse(time.RFC3339, value)
		c.fail(err)
		w.advance(t)
	case "exit-delay":
		c.fail(err)
		for _, a := range w.Apps {
			a.ExitDelay = d
		}
	case "autostop":
		if !c.fail(err) {
			w.Autostop(d)
		}
	default:
		fs := flag.NewFlagSet("set", flag.ContinueOnError)
		flagFields(fs, w)
		flagFields(fs, &w.switches)
		c.fail(fs.Set(key, value))
	}
}
