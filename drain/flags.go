package drain

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/safe"
	"github.com/flydrain/flydrain/drain/probe"
)

// Flags adds a release's settings to a flag set, as examples/deploy has them. Call
// apply after parsing: it sets r's fields, and r.Apps in place of what they were. Its
// arguments go to flyctl's build and deploy. Its error is one of usage.
func (r *Release) Flags(fs *flag.FlagSet) (apply func(rest []string) error) {
	fs.SetOutput(flyctl.Printer(fs.Output())) // a value that is not valid may be a token
	var apps pairs
	images, configs, groups := pairs{flag: "-image"}, pairs{flag: "-config"}, pairs{flag: "-groups"}
	fs.Func("app", "`NAME[=DIR]`: release this app, whose fly.toml is in DIR; repeatable", apps.add)
	fs.Func("image", "`[NAME=]REF`: release this image, instead of building one", images.add)
	fs.Func("config", "`[NAME=]FILE`: read this file of the app's folder, instead of fly.toml", configs.add)
	fs.Func("groups", "`[NAME=]GROUP,…`: release only these process groups; the others must have no machines, and get none", groups.add)
	fs.BoolVar(&r.First, "first", r.First, "create the first machines of a new app")
	fs.BoolVar(&r.AllowUnreachable, "allow-unreachable", r.AllowUnreachable, "continue although Fly cannot reach the hosts of some machines")
	fs.BoolVar(&r.LoseConfig, "lose-config", r.LoseConfig, "continue although green lacks what people have set on machines")
	probes := probe.Flags(fs)
	fs.Func("limit", "`N|soft`: count a machine with at most N connections as idle (default 0), or with at most its own soft_limit", r.setLimit)
	duration := func(name string, d *time.Duration, usage string) {
		fs.Func(name, "`D`: "+usage, func(s string) (err error) {
			if *d, err = time.ParseDuration(s); err == nil {
				*d = cmp.Or(*d, None) // a 0 that the user wrote is not the default
			}
			return err
		})
	}
	duration("settle", &r.Settle, "believe no count within D after a cordon (default 10s, or -propagation if longer)")
	duration("poll", &r.Poll, "look again D after a change, then less and less often, up to 1m (default 5s)")
	duration("smoke", &r.Smoke, "let machines without checks run for D before they count as healthy (default 10s)")
	duration("health-timeout", &r.HealthTimeout, "give up if green is not healthy after D (default 5m)")
	fs.DurationVar(&r.Deadline, "deadline", r.Deadline, "wait at most `D` for one machine's connections (default: as long as they last)")
	fs.Func("at-deadline", "`keep|stop`: keep the machine then (default), or stop it and cut its connections", r.setAtDeadline)
	duration("stop-pause", &r.StopPause, "with -at-deadline stop: wait D between two machines of a group and region (default 10s)")
	fs.StringVar(&r.OnDrain, "on-drain", r.OnDrain, "run `CMD` in each machine when its drain begins: the app can ask its clients to reconnect")
	fs.StringVar(&r.Container, "on-drain-container", r.Container, "run -on-drain in the container `NAME` of machines that have several (default: Fly chooses one)")
	duration("list-every", &r.ListEvery, "list the machines every D (default 1s, Fly's limit)")
	duration("confirm", &r.Confirm, "count an idle machine again after D, to be sure (default 2s)")
	duration("propagation", &r.Propagation, "wait D for Fly's routing after a change (default 10s)")
	fs.DurationVar(&r.Bake, "bake", r.Bake, "keep all of blue for `D` after the cutover, for a rollback")
	fs.IntVar(&r.MaxDraining, "max-draining", r.MaxDraining, "release nothing while more than `N` machines drain (default: no limit)")
	fs.BoolVar(&r.Background, "background", r.Background, "end after the cutover; a later run with -drain finishes")

	set := func(rest []string) error {
		if len(apps.all) == 0 {
			return errors.New("no app: write -app NAME")
		}
		services, workers, err := probes()
		if err == nil && r.AtDeadline == StopMachine && r.Deadline == 0 {
			err = errors.New("-at-deadline needs -deadline")
		}
		if err != nil {
			return err
		}
		r.Probe, r.WorkerProbe = cmp.Or(services, r.Probe), cmp.Or(workers, r.WorkerProbe)
		r.Apps = nil
		for _, p := range apps.all {
			a := App{Name: p.name, Dir: p.value, Args: rest}
			if p.name == "" {
				a.Name, a.Dir = p.value, ""
			}
			r.Apps = append(r.Apps, a)
		}
		named := make([]string, len(r.Apps))
		of := func(a *App) *string {
			return &named[slices.IndexFunc(r.Apps, func(b App) bool { return b.Name == a.Name })]
		}
		if err := cmp.Or(images.each(r.Apps, func(a *App) *string { return &a.Image }), configs.each(r.Apps, func(a *App) *string { return &a.Config }), groups.each(r.Apps, of)); err != nil {
			return err
		}
		for i, list := range named {
			if list != "" {
				r.Apps[i].Groups = strings.Split(list, ",")
			}
		}
		return r.validate()
	}
	return func(rest []string) error { return safe.Error(set(rest)) }
}

func (s *Settings) setLimit(text string) error {
	if text == "soft" {
		s.SoftLimit = true
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("want a number that is not negative, or soft")
	}
	s.Limit, s.SoftLimit = n, false
	return nil
}

func (s *Settings) setAtDeadline(text string) error {
	s.AtDeadline = map[string]AtDeadline{"keep": KeepMachine, "stop": StopMachine}[text]
	if s.AtDeadline == 0 {
		return errors.New("want keep or stop")
	}
	return nil
}

// pairs are a flag's values, each for one app, or for the only app where it has no name.
type pairs struct {
	flag string
	all  []pair
}

type pair struct{ name, value string }

func (p *pairs) add(s string) error {
	name, value, named := strings.Cut(s, "=")
	if !named {
		name, value = "", s
	}
	if value == "" {
		return errors.New("want [NAME=]VALUE")
	}
	p.all = append(p.all, pair{name, value})
	return nil
}

// each sets a field of each app that a value is for.
func (p *pairs) each(apps []App, field func(*App) *string) error {
	for _, q := range p.all {
		if q.name == "" && len(apps) > 1 {
			return fmt.Errorf("%s: %w: several apps given: write NAME=%s", p.flag, flyctl.ErrUsage, q.value)
		}
		found := false
		for i := range apps {
			if a := &apps[i]; q.name == "" || q.name == a.Name {
				if *field(a) != "" {
					return fmt.Errorf("%s: %w: given twice for %s", p.flag, flyctl.ErrUsage, a.Name)
				}
				*field(a), found = q.value, true
			}
		}
		if !found {
			return fmt.Errorf("%s=%s: no -app of that name", q.name, q.value)
		}
	}
	return nil
}
