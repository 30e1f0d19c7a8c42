package draintest

import (
	"fmt"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// simVerbs are flysim's commands: each declares its flags, and returns what to do
// with the World once they are read.
func simVerbs() map[string]func(*simCommand) func(*World) error {
	verbs := map[string]func(*simCommand) func(*World) error{
		"app":      func(c *simCommand) func(*World) error { return c.addApp },
		"machine":  (*simCommand).addMachine,
		"image":    (*simCommand).addImage,
		"answer":   (*simCommand).answer,
		"mark":     func(c *simCommand) func(*World) error { return c.mark },
		"volume":   func(c *simCommand) func(*World) error { return c.volume },
		"connect":  (*simCommand).connect,
		"load":     (*simCommand).load,
		"hangup":   func(c *simCommand) func(*World) error { return c.hangup },
		"fault":    (*simCommand).fault,
		"faults":   func(*simCommand) func(*World) error { return func(w *World) error { w.Faults = nil; return nil } },
		"set":      func(c *simCommand) func(*World) error { return c.set },
		"advance":  func(c *simCommand) func(*World) error { return c.advance },
		"baseline": func(*simCommand) func(*World) error { return func(w *World) error { w.Baseline(); return nil } },
		"list":     func(c *simCommand) func(*World) error { return c.list },
		"calls": func(c *simCommand) func(*World) error {
			return func(w *World) error {
				for _, line := range w.Lines(strings.Join(c.pos, " ")) {
					fmt.Fprintln(c.out, line)
				}
				return nil
			}
		},
		"account": func(c *simCommand) func(*World) error {
			return func(w *World) error { _, err := fmt.Fprint(c.out, w.Account); return err }
		},
		"exposures": func(c *simCommand) func(*World) error {
			return func(w *World) error {
				for _, e := range w.Exposures() {
					fmt.Fprintf(c.out, "%s %s %s landed %d\n", e.App, e.Machine, e.Time, e.Landed)
				}
				return nil
			}
		},
		"breaches": func(c *simCommand) func(*World) error { return c.breaches },
	}
	for _, kind := range []string{"cordon", "uncordon", "start", "stop", "destroy", "crash", "sick", "well", "autostop", "update", "unreachable", "reachable", "lease", "deploy"} {
		verbs[kind] = (*simCommand).act
	}
	return verbs
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

func (c *simCommand) addApp(w *World) error {
	if c.arg(0) == "" {
		return fmt.Errorf("app: it needs a name")
	}
	return w.AddApp(c.pos[0], c.pos[1:]...)
}

func (c *simCommand) addMachine() func(*World) error {
	group, region, image := c.fs.String("group", "", ""), c.fs.String("region", "", ""), c.fs.String("image", "", "")
	unmanaged := c.fs.Bool("unmanaged", false, "")
	return func(w *World) error {
		if err := c.app(w); err != nil {
			return err
		}
		app := c.arg(0)
		if *group == "" {
			*group = w.frontGroup(w.Apps[app])
		}
		if *region == "" {
			*region = w.Apps[app].Config.PrimaryRegion
		}
		if *image == "" {
			*image = "registry.fly.io/" + app + ":v1"
		}
		var m *Machine
		if *unmanaged {
			m = w.AddUnmanaged(app, *region, *image)
		} else {
			m = w.AddMachine(app, *group, *region, *image)
		}
		_, err := fmt.Fprintln(c.out, m.ID)
		return err
	}
}

func (c *simCommand) addImage() func(*World) error {
	i := &Image{}
	c.fs.BoolVar(&i.Missing, "missing", false, "")
	c.fs.BoolVar(&i.Unhealthy, "unhealthy", false, "")
	c.fs.BoolVar(&i.Crash, "crash", false, "")
	c.fs.BoolVar(&i.ReleaseFails, "release-fails", false, "")
	c.fs.BoolVar(&i.NoCat, "no-cat", false, "")
	c.fs.DurationVar(&i.CrashAfter, "crash-after", 0, "")
	c.fs.DurationVar(&i.Boot, "boot", 0, "")
	c.fs.DurationVar(&i.Health, "health", 0, "")
	return func(w *World) error { w.Images[c.arg(0)] = i; return nil }
}

func (c *simCommand) answer() func(*World) error {
	var a ExecAnswer
	c.fs.StringVar(&a.Stdout, "stdout", "", "")
	c.fs.StringVar(&a.Stderr, "stderr", "", "")
	c.fs.IntVar(&a.ExitCode, "exit", 0, "")
	return func(w *World) error {
		answers := map[string]ExecAnswer{c.arg(1): a}
		if m := w.Machine(c.arg(0)); m != nil {
			m.Exec = config.Merge(m.Exec, answers)
			return nil
		}
		if w.Images[c.arg(0)] == nil {
			w.Images[c.arg(0)] = &Image{}
		}
		i := w.Images[c.arg(0)]
		i.Exec = config.Merge(i.Exec, answers)
		return nil
	}
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
	if err == nil {
		err = c.app(w)
	}
	if err == nil {
		w.Apps[c.arg(0)].Volumes[c.arg(1)] = n
	}
	return err
}

func (c *simCommand) connect() func(*World) error {
	group, region := c.fs.String("group", "", ""), c.fs.String("region", "", "")
	lives := c.fs.Duration("lives", 0, "")
	return func(w *World) error {
		n, err := c.number(1)
		if err == nil {
			err = c.app(w)
		}
		if err == nil {
			w.Connect(c.arg(0), *group, *region, n, *lives)
		}
		return err
	}
}

func (c *simCommand) load() func(*World) error {
	l := Load{}
	c.fs.StringVar(&l.Group, "group", "", "")
	c.fs.StringVar(&l.Region, "region", "", "")
	c.fs.DurationVar(&l.Every, "every", time.Second, "")
	c.fs.DurationVar(&l.Min, "min", time.Second, "")
	c.fs.DurationVar(&l.Max, "max", 30*time.Second, "")
	length := c.fs.Duration("for", time.Minute, "")
	return func(w *World) error {
		l.App, l.Until = c.arg(0), w.Now.Add(*length)
		err := c.app(w)
		if err == nil {
			w.Serve(l)
		}
		return err
	}
}

func (c *simCommand) hangup(w *World) error {
	n, err := c.number(1)
	if err == nil {
		w.HangUp(c.arg(0), n)
	}
	return err
}

func (c *simCommand) fault() func(*World) error {
	f := &Fault{}
	c.fs.StringVar(&f.Call, "call", "", "")
	c.fs.StringVar(&f.App, "app", "", "")
	c.fs.StringVar(&f.Machine, "machine", "", "")
	c.fs.IntVar(&f.Skip, "skip", 0, "")
	c.fs.IntVar(&f.Times, "times", 0, "")
	c.fs.IntVar(&f.Status, "status", 0, "")
	c.fs.StringVar(&f.Message, "message", "", "")
	c.fs.BoolVar(&f.AfterEffect, "after-effect", false, "")
	c.fs.DurationVar(&f.Slow, "slow", 0, "")
	c.fs.BoolVar(&f.Hang, "hang", false, "")
	keep := c.fs.Int("cut", -1, "")
	c.fs.IntVar(&f.Exit, "exit", 0, "")
	c.fs.BoolVar(&f.Outlive, "outlive", false, "")
	c.fs.StringVar(&f.View, "view", "", "")
	c.fs.DurationVar(&f.Age, "age", 0, "")
	c.fs.StringVar(&f.Region, "region", "", "")
	return func(w *World) error {
		f.Command = strings.Join(c.pos, " ")
		if *keep >= 0 {
			f.Cut, f.Keep = true, *keep
		}
		w.Faults = append(w.Faults, f)
		return nil
	}
}

func (c *simCommand) act() func(*World) error {
	a := Action{Kind: c.fs.Name()}
	c.fs.StringVar(&a.Image, "image", "", "")
	c.fs.StringVar(&a.Owner, "owner", "", "")
	c.fs.DurationVar(&a.For, "for", time.Hour, "")
	in := c.fs.Duration("in", 0, "")
	return func(w *World) error {
		a.Machine = c.arg(0)
		if _, err := c.machine(w); err != nil {
			return err
		}
		w.At(w.Now.Add(*in), a)
		return nil
	}
}

func (c *simCommand) advance(w *World) error {
	d, err := time.ParseDuration(c.arg(0))
	if err == nil {
		w.Advance(w.Now.Add(d))
	}
	return err
}

func (c *simCommand) set(w *World) error {
	key, value := c.arg(0), strings.Join(c.pos[min(1, len(c.pos)):], " ")
	durations := map[string]*time.Duration{
		"boot": &w.Boot, "health": &w.Health, "propagation": &w.Propagation, "latency": &w.Latency,
		"tick": &w.Tick, "registry-lag": &w.RegistryLag, "build-time": &w.BuildTime,
	}
	if to := durations[key]; to != nil {
		d, err := time.ParseDuration(value)
		*to = d
		return err
	}
	on := value == "on"
	switch key {
	case "version":
		w.Version = value
	case "limits":
		w.LimitsOff = !on
	case "auth":
		w.NoAuth = !on
	case "soft-limits":
		w.SoftLimits = on
	case "cuts-allowed":
		w.CutsAllowed = on
	case "allow":
		w.Allow = strings.Split(value, ",")
	case "dropped":
		w.Dropped = strings.Split(value, ",")
	case "limit":
		n, err := c.number(1)
		w.Limit = n
		return err
	case "now":
		t, err := time.Parse(time.RFC3339, value)
		w.Advance(t)
		return err
	case "exit-delay", "autostop":
		d, err := time.ParseDuration(value)
		if key == "autostop" && err == nil {
			w.Autostop(d)
		}
		for _, a := range w.Apps {
			if key == "exit-delay" {
				a.ExitDelay = d
			}
		}
		return err
	default:
		return fmt.Errorf("set: no key %q", key)
	}
	return nil
}
