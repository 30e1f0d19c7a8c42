package draintest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// New returns a World at a time: boot 2 s, health 1 s after it, propagation 5 s,
// 50 ms a call, rate limits on, flyctl 0.4.87.
func New(now time.Time) *World {
	w := &World{
		Now: now, Version: "0.4.87",
		Boot: 2 * time.Second, Health: time.Second, Propagation: 5 * time.Second, Latency: 50 * time.Millisecond,
		Apps: map[string]*App{}, Machines: map[string]*Machine{}, Images: map[string]*Image{},
		Counts: map[string]int{}, Most: map[string]int{}, Running: map[string]int{}, LogSize: 10000,
		Buckets: map[string]level{}, Conns: map[int]*conn{},
	}
	w.happens = w.happen
	w.index()
	return w
}

// restore reads a World that was written as JSON.
func restore(data []byte) (*World, error) {
	w := New(time.Time{})
	if err := json.Unmarshal(data, w); err != nil {
		return nil, fmt.Errorf("reading a simulated Fly: %w", err)
	}
	w.index()
	return w, nil
}

// AddApp makes an app that was deployed once, with healthy machines. A shape reads
// "GROUP=REGION:N,REGION:N…". A group has one service on TCP port 8080, with a check
// and a soft limit of 20 connections; "GROUP/udp" has a UDP one; "GROUP/bare", and a
// group whose name begins with "worker", has none. The first region of the first
// shape is the primary one. Without a shape the app is there but was never deployed. An
// app that is there already is an error.
//
// In a Go test the app needs no fly.toml: [Fly.Runner] answers as if the current folder
// had one that says the same. A release whose app has a Dir reads the one in there.
func (w *World) AddApp(name string, shapes ...string) error {
	if w.Apps[name] != nil {
		return fmt.Errorf("there is an app %q already", name)
	}
	yes := true
	http := &config.AppService{
		InternalPort: 8080, Autostop: "off", Autostart: &yes,
		Concurrency: &config.Concurrency{Type: "connections", Soft: 20, Hard: 25},
		Checks:      []config.Check{{Interval: "2s", Timeout: "1s", GracePeriod: "1s", Path: "/healthz"}},
	}
	cfg := &config.App{App: name}
	type place struct {
		group, region string
		machines      int
	}
	var places []place
	for _, shape := range shapes {
		group, regions, ok := strings.Cut(shape, "=")
		group, kind, _ := strings.Cut(group, "/")
		switch {
		case kind == "bare" || kind == "" && strings.HasPrefix(group, "worker"):
		case kind == "udp":
			cfg.Services = append(cfg.Services, config.AppService{InternalPort: 5000, Protocol: "udp", Processes: []string{group}})
		default:
			ok = ok && kind == ""
			http.Processes = append(http.Processes, group)
		}
		for part := range strings.SplitSeq(regions, ",") {
			region, count, _ := strings.Cut(part, ":")
			n, err := strconv.Atoi(count)
			ok = ok && err == nil && region != "" && n >= 0
			places = append(places, place{group, region, n})
		}
		if !ok || group == "" {
			return fmt.Errorf("%q is not of the form GROUP=REGION:N,…", shape)
		}
		cfg.Processes = config.Merge(cfg.Processes, map[string]string{group: ""})
	}
	a := &App{Name: name, Config: cfg, Volumes: map[string]int{}, toml: cfg}
	if w.Apps[name] = a; len(places) > 0 {
		cfg.PrimaryRegion, a.Release = places[0].region, 1
	}
	if len(http.Processes) > 0 || len(places) == 0 {
		cfg.HTTP = http
	}
	for _, p := range places {
		for range p.machines {
			w.AddMachine(name, p.group, p.region, "registry.fly.io/"+name+":v1")
		}
	}
	return nil
}

// AddMachine makes a healthy, managed machine of a group as the app's last
// deploy has it, uncordoned and taking traffic. Without a group it makes one as
// fly machine run does, which fly deploy leaves alone.
func (w *World) AddMachine(app, group, region, image string) *Machine {
	if group == "" {
		return w.running(app, region, config.Machine{Image: image, Guest: config.Sized(""), Restart: config.Restart{Policy: "always"}})
	}
	a := w.Apps[app]
	c := a.Config.Machine(group, nil)
	c.Guest = cmp.Or(c.Guest, config.Sized(""))
	c.Image = image
	c.Metadata["fly_release_id"] = fmt.Sprintf("rel-%s-%d", app, a.Release)
	c.Metadata["fly_release_version"] = strconv.Itoa(a.Release)
	c.Metadata["fly_flyctl_version"] = w.Version
	return w.running(app, region, c)
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
