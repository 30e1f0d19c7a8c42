package drain

import (
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// Flags adds a release's settings to a flag set, so that a deploy script takes
// the flags that examples/deploy does. After parsing, apply makes the release's
// Apps of them; what stands behind the flags goes to flyctl's build and deploy.
// Its error is one of usage.
func (r *Release) Flags(fs *flag.FlagSet) (apply func(rest []string) error) {
	var apps, images, configs pairs
	all := &App{}
	fs.Var(&apps, "app", "`NAME[=DIR]` of an app, and the folder of its fly.toml; repeatable: they change over together")
	fs.Var(&images, "image", "`[NAME=]REF` to deploy, instead of building one")
	fs.Var(&configs, "config", "`[NAME=]FILE`: another name for fly.toml, inside the app's folder")
	fs.BoolVar(&all.First, "first", false, "there are no machines yet, and that is right")
	fs.BoolVar(&all.AllowUnreachable, "allow-unreachable", false, "go on though some machines are on hosts that Fly cannot reach")
	probes := probe.Flags(fs)
	fs.Func("soft-limit", "`N`: a machine with at most that many connections is idle (default 0); config: each machine's own soft_limit, of several services the least, and 0 where it is of requests", all.setLimit)
	fs.Func("settle", "`D`: no machine is idle sooner after its cordon (default 10s, or a longer -propagation)", setDuration(&all.Settle))
	fs.Func("poll", "`D`: how often is looked when few connections are left (default 5s)", setDuration(&all.Poll))
	fs.Func("smoke", "`D`: how long a machine without checks must run (default 10s)", setDuration(&all.Smoke))
	fs.Func("health-timeout", "`D`: how long green may take to be healthy (default 5m)", setDuration(&all.HealthTimeout))
	fs.DurationVar(&all.Deadline, "deadline", 0, "`D`: how long after its cordon a machine is waited for (default: for ever)")
	fs.Func("at-deadline", "`keep` a machine that is not idle by then (default), or stop it, which cuts what is still connected", all.setAtDeadline)
	fs.Func("list-every", "`D`: how far apart two looks at the machine list are (default 1s, Fly's limit; less only against a simulated Fly)", setDuration(&all.ListEvery))
	fs.Func("confirm", "`D`: how long after an idle reading another must agree (default 2s)", setDuration(&all.Confirm))
	fs.Func("propagation", "`D`: how long a change of routing takes to be known everywhere (default 10s)", setDuration(&r.Propagation))
	fs.DurationVar(&r.Bake, "bake", 0, "how long blue is kept whole after the cutover, for a rollback")
	fs.BoolVar(&r.Background, "background", false, "leave after the cutover; a later drain goes on")

	return func(rest []string) error {
		if len(apps) == 0 {
			return errors.New("no app: give -app NAME")
		}
		services, workers, err := probes()
		if err == nil && all.AtDeadline == StopConnected && all.Deadline <= 0 {
			err = errors.New("-at-deadline needs -deadline")
		}
		if err != nil {
			return err
		}
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
			r.Apps = append(r.Apps, &App{Name: p.name, Dir: p.value, Config: config, Image: image, Args: rest,
				First: all.First, AllowUnreachable: all.AllowUnreachable, HealthTimeout: all.HealthTimeout, Smoke: all.Smoke,
				Probe: services, WorkerProbe: workers, Limit: all.Limit, Settle: all.Settle, Confirm: all.Confirm, Poll: all.Poll, ListEvery: all.ListEvery,
				Deadline: all.Deadline, AtDeadline: all.AtDeadline})
		}
		for _, p := range append(images, configs...) {
			if p.name != "" && !r.hasApp(p.name) {
				return fmt.Errorf("%s=%s: no app is called so", p.name, p.value)
			}
		}
		return r.validate()
	}
}

func (r *Release) hasApp(name string) bool {
	for _, a := range r.Apps {
		if a.Name == name {
			return true
		}
	}
	return false
}

// setDuration keeps apart a 0 that the user wrote, which is none, from one that
// nobody did, which is the default.
func setDuration(d *time.Duration) func(string) error {
	return func(s string) (err error) {
		if *d, err = time.ParseDuration(s); err == nil && *d == 0 {
			*d = -1
		}
		return err
	}
}

func (a *App) setLimit(s string) error {
	if s == "config" {
		a.Limit = SoftLimit
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("want a number that is not negative, or config")
	}
	a.Limit = n
	return nil
}

func (a *App) setAtDeadline(s string) error {
	switch s {
	case "keep":
		a.AtDeadline = Keep
	case "stop":
		a.AtDeadline = StopConnected
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
		return errors.New("empty")
	}
	*p = append(*p, pair{name, value})
	return nil
}

// forApp gives an app's value. One without a name is for the only app there is.
func (p pairs) forApp(app string, apps int) (value string, err error) {
	for _, q := range p {
		if q.name == "" && apps > 1 {
			return "", fmt.Errorf("%w: %s is of which app? Write NAME=%s", flyctl.ErrUsage, q.value, q.value)
		}
		if q.name == "" || q.name == app {
			if value != "" {
				return "", fmt.Errorf("%w: two for %s", flyctl.ErrUsage, app)
			}
			value = q.value
		}
	}
	return value, nil
}
