package drain

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// Flags adds a release's settings to a flag set, as examples/deploy has them. Call
// apply after parsing: it sets r's fields, and r.Apps in place of what they were. Its
// arguments go to flyctl's build and deploy. Its error is one of usage.
func (r *Release) Flags(fs *flag.FlagSet) (apply func(rest []string) error) {
	var apps, images, configs pairs
	fs.Var(&apps, "app", "`NAME[=DIR]` of an app, and the folder of its fly.toml; repeatable: they change over together")
	fs.Var(&images, "image", "`[NAME=]REF` to release, instead of building one")
	fs.Var(&configs, "config", "`[NAME=]FILE`: another name for fly.toml, inside the app's folder")
	fs.BoolVar(&r.First, "first", r.First, "first deploy: the app has no machines yet")
	fs.BoolVar(&r.AllowUnreachable, "allow-unreachable", r.AllowUnreachable, "continue although Fly cannot reach the hosts of some machines")
	probes := probe.Flags(fs)
	fs.Func("soft-limit", "`N`: a machine with at most so many connections is idle (default 0); config: each machine's own soft_limit, of several services the lowest, and 0 for one that counts requests", r.setLimit)
	fs.Func("settle", "`D`: time after a cordon before a count is believed (default 10s, or -propagation if that is longer)", setDuration(&r.Settle))
	fs.Func("poll", "`D`: time to the next look at draining machines after a change; then twice as long each time, up to a minute (default 5s)", setDuration(&r.Poll))
	fs.Func("smoke", "`D`: how long a machine without checks must run before it counts as healthy (default 10s)", setDuration(&r.Smoke))
	fs.Func("health-timeout", "`D`: time for green machines to become healthy (default 5m)", setDuration(&r.HealthTimeout))
	fs.DurationVar(&r.Deadline, "deadline", r.Deadline, "`D`: time for one machine's drain, from its cordon (default: as long as it takes)")
	fs.Func("at-deadline", "`keep` a machine that is not idle by then (default), or stop it, which cuts its connections", r.setAtDeadline)
	fs.Func("list-every", "`D`: time between two looks at the machine list (default 1s, Fly's limit; less only against a simulated Fly)", setDuration(&r.ListEvery))
	fs.Func("confirm", "`D`: time between an idle reading and the one that confirms it (default 2s)", setDuration(&r.Confirm))
	fs.Func("propagation", "`D`: time until a change of routing is known everywhere (default 10s)", setDuration(&r.Propagation))
	fs.DurationVar(&r.Bake, "bake", r.Bake, "`D`: how long all of blue is kept after the cutover, for a rollback")
	fs.BoolVar(&r.Background, "background", r.Background, "return after the cutover; a later -drain finishes")

	return func(rest []string) error {
		if len(apps) == 0 {
			return errors.New("no app: give -app NAME")
		}
		services, workers, err := probes()
		if err == nil && r.AtDeadline == StopMachine && r.Deadline == 0 {
			err = errors.New("-at-deadline needs -deadline")
		}
		if err != nil {
			return err
		}
		if services != nil {
			r.Probe = services
		}
		if workers != nil {
			r.WorkerProbe = workers
		}
		r.Apps = nil
		for _, p := range apps {
			if p.name == "" {
				p = pair{name: p.value}
			}
			image, err := images.forApp(p.name, len(apps))
			if err != nil {
				return fmt.Errorf("-image: %w", err)
			}
			config, err := configs.forApp(p.name, len(apps))
			if err != nil {
				return fmt.Errorf("-config: %w", err)
			}
			r.Apps = append(r.Apps, App{Name: p.name, Dir: p.value, Config: config, Image: image, Args: rest})
		}
		for _, p := range append(images, configs...) {
			if p.name != "" && !slices.ContainsFunc(r.Apps, func(a App) bool { return a.Name == p.name }) {
				return fmt.Errorf("%s=%s: no -app of that name", p.name, p.value)
			}
		}
		return r.validate()
	}
}

// setDuration keeps apart a 0 that the user wrote, which is none, from one that
// nobody did, which is the default.
func setDuration(d *time.Duration) func(string) error {
	return func(s string) (err error) {
		if *d, err = time.ParseDuration(s); err == nil && *d == 0 {
			*d = None
		}
		return err
	}
}

func (s *Settings) setLimit(text string) error {
	if text == "config" {
		s.SoftLimit = true
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("want a number that is not negative, or config")
	}
	s.Limit, s.SoftLimit = n, false
	return nil
}

func (s *Settings) setAtDeadline(text string) error {
	switch text {
	case "keep":
		s.AtDeadline = KeepMachine
	case "stop":
		s.AtDeadline = StopMachine
	default:
		return errors.New("want keep or stop")
	}
	return nil
}

// pair is a flag's value for one app, or for all where it has no name.
type pair struct{ name, value string }

type pairs []pair

func (p *pairs) String() string { return "" }

func (p *pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		name, value = "", s
	}
	if value == "" {
		return errors.New("want [NAME=]VALUE")
	}
	*p = append(*p, pair{name, value})
	return nil
}

// forApp returns an app's value. One without a name is for the only app there is.
func (p pairs) forApp(app string, apps int) (value string, err error) {
	for _, q := range p {
		if q.name == "" && apps > 1 {
			return "", fmt.Errorf("%w: several apps given: write NAME=%s", flyctl.ErrUsage, q.value)
		}
		if q.name == "" || q.name == app {
			if value != "" {
				return "", fmt.Errorf("%w: given twice for %s", flyctl.ErrUsage, app)
			}
			value = q.value
		}
	}
	return value, nil
}
