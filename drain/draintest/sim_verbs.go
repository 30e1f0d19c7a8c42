package draintest

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// simVerbs are flysim's commands on a World. Their arguments are as the help has them.
var simVerbs = map[string]func(*simCommand, *World){
	"app":      func(c *simCommand, w *World) { c.fail(w.AddApp(c.pos[0], c.pos[1:]...)) },
	"machine":  (*simCommand).addMachine,
	"image":    (*simCommand).addImage,
	"answer":   (*simCommand).answer,
	"mark":     func(c *simCommand, w *World) { w.Remark(c.pos[0], c.pos[1:]...) },
	"volume":   func(c *simCommand, _ *World) { c.app.Volumes[c.pos[1]] = c.n },
	"connect":  (*simCommand).connect,
	"load":     (*simCommand).load,
	"hangup":   (*simCommand).hangup,
	"fault":    (*simCommand).fault,
	"faults":   func(_ *simCommand, w *World) { w.Faults = nil },
	"set":      (*simCommand).set,
	"advance":  func(c *simCommand, w *World) { w.advance(w.Now.Add(c.d)) },
	"baseline": func(_ *simCommand, w *World) { w.Baseline() },
	"list":     (*simCommand).list,
	"calls":    (*simCommand).calls,
	"account":  func(c *simCommand, w *World) { fmt.Fprint(c.out, w.Account) },
	"breaches": (*simCommand).breaches,
}

func (c *simCommand) breaches(w *World) {
	for _, b := range w.Breaches {
		fmt.Fprintln(c.out, b)
	}
	if n := len(w.Breaches); n > 0 {
		c.err = fmt.Errorf("breaches: %d", n)
	}
}

func (c *simCommand) calls(w *World) {
	for _, line := range w.Lines(strings.Join(c.pos, "")) {
		fmt.Fprintln(c.out, line)
	}
}

func (c *simCommand) list(w *World) {
	t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, app := range sortedKeys(w.Apps) {
		for _, m := range w.Live(app) {
			group, cordoned := m.Group(), map[bool]string{false: "open", true: "cordoned"}[m.Cordoned]
			if !m.managed() {
				group = "-"
			}
			if c.app == nil || c.app.Name == app {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", m.ID, app, group, m.Region, m.State, cordoned, w.Open(m.ID))
			}
		}
	}
	c.err = t.Flush()
}

func (c *simCommand) addMachine(w *World) {
	var f struct {
		Group, Region, Image string
		Unmanaged            bool
	}
	if c.app.Config == nil {
		c.fail(errors.New("the app was never deployed"))
	}
	if !c.flags(&f) {
		return
	}
	a := c.app
	group := cmp.Or(f.Group, w.frontGroup(a))
	if f.Unmanaged {
		group = ""
	}
	m := w.AddMachine(a.Name, group, cmp.Or(f.Region, a.Config.PrimaryRegion), cmp.Or(f.Image, "registry.fly.io/"+a.Name+":v1"))
	fmt.Fprintln(c.out, m.ID)
}

func (c *simCommand) addImage(w *World) {
	if i := (&Image{}); c.flags(i) {
		w.Images[c.pos[0]] = i
	}
}

func (c *simCommand) answer(w *World) {
	var a ExecAnswer
	if !c.flags(&a) {
		return
	}
	answers := map[string]ExecAnswer{c.pos[1]: a}
	if m := w.Machine(c.pos[0]); m != nil {
		m.Exec = config.Merge(m.Exec, answers)
		return
	}
	i := w.image(c.pos[0])
	i.Exec = config.Merge(i.Exec, answers)
	w.Images[c.pos[0]] = i
}

func (c *simCommand) connect(w *World) {
	var f struct {
		Group, Region string
		Lives         time.Duration
	}
	if c.flags(&f) {
		w.Connect(c.app.Name, f.Group, f.Region, c.n, f.Lives)
	}
}

func (c *simCommand) load(w *World) {
	l, f := Load{App: c.pos[0], Every: time.Second, Min: time.Second, Max: 30 * time.Second}, struct{ For time.Duration }{time.Minute}
	if c.flags(&l, &f) {
		l.Until = w.Now.Add(f.For)
		w.Serve(l)
	}
}

func (c *simCommand) hangup(w *World) {
	if has := w.Open(c.pos[0]); c.n > has {
		c.fail(fmt.Errorf("machine %s has only %d connections", c.pos[0], has))
		return
	}
	w.HangUp(c.pos[0], c.n)
}

func (c *simCommand) fault(w *World) {
	f := &Fault{Command: strings.Join(c.pos, " ")}
	c.check("fault", f.Command)
	switch {
	case !c.flags(f):
	case !f.strikes():
		c.fail(errors.New("it does nothing: add -status, -slow, -hang, -cut, -exit, -outlive or -view (stale with -age, short with -region or -machine)"))
	default:
		w.Faults = append(w.Faults, f)
	}
}

func (c *simCommand) act(w *World) {
	a, f := Action{For: time.Hour}, struct{ In time.Duration }{}
	if c.flags(&a, &f) {
		a.Kind, a.Machine = c.verb, c.pos[0]
		w.At(w.Now.Add(f.In), a)
	}
}

func (c *simCommand) set(w *World) {
	var also struct{ ExitDelay, Autostop time.Duration }
	key, value := c.pos[0], c.pos[1]
	next, fs := *w, flag.NewFlagSet("set", flag.ContinueOnError)
	flagFields(fs, &next, &next.switches, &also)
	for item := range strings.SplitSeq(value, ",") {
		c.check(key, item)
	}
	if key == "now" {
		t, err := time.Parse(time.RFC3339, value)
		if c.fail(err); t.Before(w.Now) {
			c.fail(fmt.Errorf("it is %s already", w.Now.Format(time.RFC3339)))
		}
		w.advance(t)
		return
	}
	if fs.Lookup(key) == nil {
		c.fail(fmt.Errorf("no KEY %q", key))
	}
	if err := fs.Set(key, value); c.fail(wrap(err, "%s cannot be %q: %w", key, value, err)) {
		return
	}
	*w = next
	switch key {
	case "exit-delay":
		for _, a := range w.Apps {
			a.ExitDelay = also.ExitDelay
		}
	case "autostop":
		w.Autostop(also.Autostop)
	}
}
