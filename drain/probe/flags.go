package probe

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Flags adds -probe, -probe-workers, -probe-container, -prometheus and
// -prometheus-max-age to a flag set. Call probes after parsing: it returns the probe for
// machines with services and the one for workers, which are machines without services. A
// probe is nil if its flag was not given. An error is one of usage.
func Flags(fs *flag.FlagSet) (probes func() (services, workers Probe, err error)) {
	var f flags
	fs.Func("probe", "count connections by `P`: sockets (default), prometheus, or exec=CMD; repeatable: the highest counts", func(s string) error {
		_, err := f.named(s)
		f.services = append(f.services, s)
		return err
	})
	fs.Func("probe-workers", "`exec=CMD`: let machines without services finish: CMD prints how many jobs are left", func(s string) error {
		if !strings.HasPrefix(s, "exec=") {
			return errors.New("want exec=CMD: a machine without services has no ports to count connections on")
		}
		_, err := f.named(s)
		f.workers = append(f.workers, s)
		return err
	})
	fs.StringVar(&f.container, "probe-container", "", "ask the container `NAME` of machines that have several (default: Fly chooses one)")
	fs.StringVar(&f.prometheus, "prometheus", "", "ask the metrics server at `URL` (default $FLY_PROMETHEUS_URL, or Fly's for $FLY_ORG)")
	fs.DurationVar(&f.maxAge, "prometheus-max-age", 0, "believe a sample that is at most `D` old (default 5m)")
	return f.probes
}

type flags struct {
	services, workers []string
	prometheus        string
	maxAge            time.Duration
	container         string
}

func (f *flags) probes() (services, workers Probe, err error) {
	services, err = f.highest(f.services)
	if services == nil && err == nil && f.container != "" {
		services, err = f.named("sockets")
	}
	if err == nil {
		workers, err = f.highest(f.workers)
	}
	switch {
	case err != nil:
	case f.maxAge < 0:
		err = errors.New("-prometheus-max-age must not be negative")
	case (f.prometheus != "" || f.maxAge != 0) && !slices.Contains(f.services, "prometheus"):
		err = errors.New("-prometheus and -prometheus-max-age need -probe prometheus")
	}
	return services, workers, err
}

// highest returns the probe with that name, the [Highest] of several, or nil.
func (f *flags) highest(names []string) (Probe, error) {
	var all Highest
	for _, name := range names {
		p, err := f.named(name)
		if err != nil {
			return nil, err
		}
		if metrics, ok := p.(Prometheus); ok {
			if _, _, err := metrics.target(); err != nil {
				return nil, fmt.Errorf("-probe prometheus: %w", err)
			}
		}
		all = append(all, p)
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return all, nil
}

func (f *flags) named(s string) (Probe, error) {
	name, command, _ := strings.Cut(s, "=")
	switch {
	case s == "sockets":
		return Sockets{Container: f.container}, flyctl.ValidateCommand("cat", f.container)
	case s == "prometheus":
		return Prometheus{URL: f.prometheus, MaxAge: f.maxAge}, nil
	case name == "exec" && strings.TrimSpace(command) != "":
		return Exec{Command: command, Container: f.container}, flyctl.ValidateCommand(command, f.container)
	case name == "exec":
		return nil, errors.New("want exec=CMD: the command that prints the number")
	}
	return nil, fmt.Errorf("unknown probe %q: want sockets, prometheus or exec=CMD", s)
}
