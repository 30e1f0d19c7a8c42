package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

const (
	app      = "my-app"
	newImage = "registry.fly.io/" + app + ":v2"

	longest    = 20 * time.Minute // that a connection lasts
	clientsFor = 40 * time.Minute // longer than any cutover takes here
)

// regions are those of the machines, the first is the primary one.
var regions = []string{"iad", "lhr", "syd"}

// scene is an app of so many machines on a simulated Fly, with clients. All of
// its machines serve, and have checks.
type scene struct {
	way
	machines      int
	maxConcurrent int    // bluegreen's
	shell         *shell // the thread's

	fly   *draintest.Fly
	run   flyctl.Runner // on a machine that has cores
	begun time.Time
	blue  map[string]time.Time // the machines from before the release that are still there, and since when each is idle
	result
}

// result is what a release cost.
type result struct {
	cut, refused int
	least        float64       // machines that take traffic in the worst moment, as a part of those at the start
	both         time.Duration // in which blue and green took traffic
	cutover      time.Duration // until no blue machine takes traffic any more; 0: never
	idle         []time.Duration
	commands     int // flyctl processes
	most         int // of them at once
	calls        int // of Fly's API
}

// open sets the scene up, inside a bubble.
func (s *scene) open() (err error) {
	s.fly, s.begun, s.least, s.blue = draintest.NewFly(nil), time.Now(), 1, map[string]time.Time{}
	s.run = make(cores, coresThere).costing(s.fly.Runner())
	shape := ""
	for i, region := range regions {
		shape += fmt.Sprintf(",%s:%d", region, s.inRegion(i))
	}
	s.fly.Do(func(w *draintest.World) {
		w.LimitsOff = s.unlimited
		w.LogSize = 100
		if err = w.AddApp(app, "app="+shape[1:]); err != nil {
			return
		}
		w.Apps[app].Config.KillTimeout = s.killTimeout.String()
		w.Apps[app].ExitDelay = s.killTimeout
		for _, m := range w.Live(app) {
			m.Config.StopConfig.Timeout = s.killTimeout.String()
			s.blue[m.ID] = time.Time{}
		}
		for i, region := range regions {
			clients(w, region, s.inRegion(i))
		}
	})
	return err
}

// inRegion is how many of the machines are in a region.
func (s *scene) inRegion(i int) int {
	return (s.machines + len(regions) - 1 - i) / len(regions)
}

// clients lets clients of a region come, for each of so many machines one that
// stays half a minute at most, and three that stay 5 to 20 minutes. These have
// come over the last 20 minutes.
func clients(w *draintest.World, region string, machines int) {
	n := 3 * machines
	for i := range n {
		w.Connect(app, "app", region, 1, time.Second+longest*time.Duration(i)/time.Duration(n))
	}
	until := w.Now.Add(clientsFor)
	w.Serve(draintest.Load{App: app, Region: region, Every: 15 * time.Second / time.Duration(machines),
		Min: time.Second, Max: 30 * time.Second, Until: until})
	w.Serve(draintest.Load{App: app, Region: region, Every: 750 * time.Second / time.Duration(n),
		Min: 5 * time.Minute, Max: longest, Until: until})
}

// watch measures until it is stopped: ten times a second up to the cutover, then
// once a second.
func (s *scene) watch() (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for look := 100 * time.Millisecond; ; {
			s.fly.Do(func(w *draintest.World) { s.measure(w, look) })
			if s.cutover > 0 {
				look = time.Second
			}
			select {
			case <-time.After(look):
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
		s.fly.Do(func(w *draintest.World) { s.measure(w, 0) })
	}
}

// measure looks at all machines; it did so last a moment ago.
func (s *scene) measure(w *draintest.World, moment time.Duration) {
	blue, green := 0, 0
	for _, m := range w.Live(app) {
		since, old := s.blue[m.ID]
		if old {
			s.blue[m.ID] = idleSince(since, w, m)
		}
		switch {
		case !m.Takes():
		case old:
			blue++
		default:
			green++
		}
	}
	s.least = min(s.least, float64(blue+green)/float64(s.machines))
	if blue > 0 && green > 0 {
		s.both += moment
	}
	if blue == 0 && s.cutover == 0 {
		s.cutover = w.Now.Sub(s.begun)
	}
	for id, since := range s.blue {
		if w.Machine(id) == nil {
			delete(s.blue, id)
			if !since.IsZero() {
				s.idle = append(s.idle, w.Now.Sub(since))
			}
		}
	}
}

// idleSince is when a machine became idle: out of traffic, without connections, and
// still running. It was so since a time, zero for not at all.
func idleSince(since time.Time, w *draintest.World, m *draintest.Machine) time.Time {
	if m.State == "stopping" && w.Open(m.ID) == 0 {
		exitNow(w, m.ID)
	}
	switch {
	case !m.Cordoned || w.Open(m.ID) > 0:
		return time.Time{}
	case since.IsZero() && (m.State == "started" || m.State == "stopping"):
		return w.Now
	}
	return since
}

// exitNow lets a machine's app end before its time, as one does that waits for
// its connections only: the simulated Fly knows apps that take a fixed time.
func exitNow(w *draintest.World, id string) {
	for i, e := range w.Agenda {
		if e.Kind == "exited" && e.Machine == id && e.At.After(w.Now) {
			e.At = w.Now
			w.Agenda = slices.Insert(slices.Delete(w.Agenda, i, i+1), 0, e)
			return
		}
	}
}

// account takes the sums from the world.
func (s *scene) account(w *draintest.World) {
	s.cut, s.refused, s.most = w.Account.Cut, w.Account.Refused, max(s.most, w.Most[""])
	commands, calls := counted(w)
	s.commands, s.calls = s.commands+commands, s.calls+calls
}

// counted is how many flyctl processes have run, and how many API calls they made.
func counted(w *draintest.World) (commands, calls int) {
	for name, n := range w.Counts {
		if strings.HasPrefix(name, "api ") {
			calls += n
		} else {
			commands += n
		}
	}
	return commands, calls
}

// way is a way to release.
type way struct {
	name         string
	mark, colour string // in the charts
	killTimeout  time.Duration
	unlimited    bool // without Fly's rate limits
	needsShell   bool
	release      func(s *scene) error // nil: it is worked out
}
