package drain

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// probeFlags are the flags that say how connections are counted.
type probeFlags struct {
	names, workers []string
	prometheus     string
}

func (p *probeFlags) define(fs *flag.FlagSet) {
	fs.Func("probe", "`P` counts connections: sockets (default), prometheus, or exec=CMD, a command in the machine that prints a number; repeatable: the highest that any of them knows", func(s string) error {
		_, err := p.named(s)
		p.names = append(p.names, s)
		return err
	})
	fs.Func("probe-workers", "`exec=CMD` prints how many jobs a machine without services has in hand: it goes when that is 0 (default: at once)", func(s string) error {
		if !strings.HasPrefix(s, "exec=") {
			return errors.New("want exec=CMD: a machine without services has no ports whose connections could be counted")
		}
		_, err := p.named(s)
		p.workers = append(p.workers, s)
		return err
	})
	fs.StringVar(&p.prometheus, "prometheus", "", "`URL` of the metrics, before /api/v1/query (default $FLY_PROMETHEUS_URL, else Fly's for $FLY_ORG)")
}

// probes makes the probes that the flags ask for; nil for the default.
func (p *probeFlags) probes() (ofServices, ofWorkers Probe, err error) {
	ofServices, err = p.all(p.names)
	if err == nil {
		ofWorkers, err = p.all(p.workers)
	}
	if err == nil && p.prometheus != "" && !slices.Contains(p.names, "prometheus") {
		err = errors.New("-prometheus is of no use without -probe prometheus")
	}
	return ofServices, ofWorkers, err
}

func (p *probeFlags) all(names []string) (Probe, error) {
	var all Probes
	for _, name := range names {
		probe, err := p.named(name)
		if err != nil {
			return nil, err
		}
		if metrics, ok := probe.(Prometheus); ok {
			if err := metrics.usable(); err != nil {
				return nil, fmt.Errorf("-probe prometheus: %w", err)
			}
		}
		all = append(all, probe)
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0], nil
	}
	return all, nil
}

func (p *probeFlags) named(s string) (Probe, error) {
	name, command, _ := strings.Cut(s, "=")
	switch {
	case s == "sockets":
		return Sockets{}, nil
	case s == "prometheus":
		return Prometheus{URL: p.prometheus}, nil
	case name == "exec" && strings.TrimSpace(command) != "":
		return Exec{Command: command}, flyctl.ValidateCommand(command)
	case name == "exec":
		return nil, errors.New("want exec=CMD: the command that prints the number")
	}
	return nil, fmt.Errorf("no probe is called %q: there are sockets, prometheus and exec=CMD", s)
}
