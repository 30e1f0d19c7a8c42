package draintest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// shape is how many machines a process group has in which regions.
type shape struct {
	Group   string
	Kind    string // bare, udp or tcp ("")
	Regions []regional
}

// regional is a number of machines in a region.
type regional struct {
	Name string
	N    int
}

// AddApp makes an app that was deployed once, with healthy machines. A shape reads
// "GROUP=REGION:N,REGION:N…". A group has one service on TCP port 8080, with a check
// and a soft limit of 20 connections; "GROUP/udp" has a UDP one; "GROUP/bare", and a
// group whose name begins with "worker", has none. The first region of the first
// shape is the primary one. Without a shape the app is there but was never deployed.
func (w *World) AddApp(name string, shapes ...string) error {
	cfg := &config.App{App: name, Processes: map[string]string{}}
	var all []shape
	var served []string
	for _, text := range shapes {
		s, err := parseShape(text)
		if err != nil {
			return err
		}
		all = append(all, s)
		cfg.Processes[s.Group] = ""
		switch s.Kind {
		case "":
			served = append(served, s.Group)
		case "udp":
			cfg.Services = append(cfg.Services, config.AppService{InternalPort: 5000, Protocol: "udp", Processes: []string{s.Group}})
		}
		if cfg.PrimaryRegion == "" && len(s.Regions) > 0 {
			cfg.PrimaryRegion = s.Regions[0].Name
		}
	}
	yes := true
	if len(served) > 0 || len(all) == 0 {
		cfg.HTTP = &config.AppService{
			InternalPort: 8080, Autostop: "off", Autostart: &yes, Processes: served,
			Concurrency: &config.Concurrency{Type: "connections", Soft: 20, Hard: 25},
			Checks:      []config.Check{{Interval: "2s", Timeout: "1s", GracePeriod: "1s", Path: "/healthz"}},
		}
	}
	if len(all) == 0 {
		cfg.Processes = nil
	}
	a := &App{Name: name, Config: cfg, Volumes: map[string]int{}}
	w.Apps[name] = a
	if len(all) > 0 {
		a.Release = 1
	}
	for _, s := range all {
		for _, r := range s.Regions {
			for range r.N {
				w.AddMachine(name, s.Group, r.Name, "registry.fly.io/"+name+":v1")
			}
		}
	}
	return nil
}

// AddMachine makes a healthy, managed machine of a group as the app's last
// deploy has it, open and taking traffic.
func (w *World) AddMachine(app, group, region, image string) *Machine {
	a := w.Apps[app]
	c := a.Config.Machine(group, nil)
	c.Guest = cmp.Or(c.Guest, config.Sized(""))
	c.Image = image
	c.Metadata["fly_release_id"] = fmt.Sprintf("rel-%s-%d", app, a.Release)
	c.Metadata["fly_release_version"] = strconv.Itoa(a.Release)
	c.Metadata["fly_flyctl_version"] = w.Version
	return w.running(app, region, c)
}

// AddUnmanaged makes a machine as fly machine run does, which fly deploy leaves alone.
func (w *World) AddUnmanaged(app, region, image string) *Machine {
	return w.running(app, region, config.Machine{Image: image, Guest: config.Sized(""), Restart: config.Restart{Policy: "always"}})
}

func (w *World) running(app, region string, c config.Machine) *Machine {
	m := w.add(app, region, c)
	m.State, m.Opened = "started", true
	m.Passing = !w.image(c.Image).Unhealthy || !c.Checked()
	m.Passed = m.Passing
	w.event(m, "launch", "created", "flyd")
	w.event(m, "start", "started", "flyd")
	w.note(m)
	return m
}

// Remark sets a release mark on machines, as if that release had made them.
func (w *World) Remark(mark string, ids ...string) {
	for _, id := range ids {
		m := w.Machines[id]
		m.Config.Env = config.Merge(m.Config.Env, map[string]string{"FLYDRAIN": mark})
	}
}

func parseShape(text string) (shape, error) {
	group, regions, ok := strings.Cut(text, "=")
	var s shape
	s.Group, s.Kind, _ = strings.Cut(group, "/")
	if s.Kind == "" && strings.HasPrefix(group, "worker") {
		s.Kind = "bare"
	}
	if !ok || s.Group == "" || s.Kind != "" && s.Kind != "bare" && s.Kind != "udp" {
		return s, fmt.Errorf("%q is not of the form GROUP=REGION:N,…", text)
	}
	for part := range strings.SplitSeq(regions, ",") {
		name, count, _ := strings.Cut(part, ":")
		n, err := strconv.Atoi(count)
		if err != nil || name == "" || n < 0 {
			return s, fmt.Errorf("%q is not of the form GROUP=REGION:N,…", text)
		}
		s.Regions = append(s.Regions, regional{name, n})
	}
	return s, nil
}
