package drain_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/probe"
)

// sim is a simulated Fly in a bubble of simulated time.
type sim struct {
	*testing.T
	fly    *draintest.Fly
	mu     sync.Mutex // two runs can be at work at once
	events []drain.Event
}

const flyToml = `app = "my-app"
primary_region = "iad"

[processes]
app = ""
worker = "work"

[http_service]
internal_port = 8080
auto_stop_machines = "off"
auto_start_machines = true
processes = ["app"]

[http_service.concurrency]
type = "connections"
soft_limit = 20
hard_limit = 25

[[http_service.checks]]
interval = "2s"
timeout = "1s"
grace_period = "1s"
path = "/healthz"
`

// TestMain gives memory for time: the tests make much garbage, and keep little.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}

// long reports whether every case of what takes minutes is to be run, and not a sample. It
// asks each time: go test keeps no result of a run in which that was otherwise.
func long() bool { return os.Getenv("FLYDRAIN_LONG") != "" }

// simulate runs a test on a new simulated Fly. At its end no rule may be broken
// and no connection cut, unless the test has taken these from the account.
func simulate(t *testing.T, test func(s *sim)) {
	t.Helper()
	t.Parallel() // each has a Fly and a time of its own
	synctest.Test(t, func(t *testing.T) {
		s := &sim{T: t, fly: draintest.NewFly(nil)}
		test(s)
		s.world(func(w *draintest.World) {
			for _, b := range w.Breaches {
				t.Errorf("breach: %v", b)
			}
			for _, f := range w.Faults {
				if f.Seen <= f.Skip {
					t.Errorf("it has not happened: %+v", *f)
				}
			}
			if w.Account.Cut > 0 {
				t.Errorf("connections cut: %v", w.Account)
			}
			if t.Failed() {
				for _, e := range s.events {
					t.Logf("%s %s %s %s %s %v %s", e.Time.Format("15:04:05.000"), e.App, e.Kind, e.Phase, e.Machine, e.Reading, e.Why)
				}
			}
		})
	})
}

// allow takes rules for off.
func (s *sim) allow(rules ...string) { s.world(func(w *draintest.World) { w.Allow = rules }) }

func (s *sim) world(do func(w *draintest.World)) { s.fly.Do(do) }

// app adds an app, and returns a release of it to v2.
func (s *sim) app(name string, shapes ...string) *drain.Release {
	s.Helper()
	s.world(func(w *draintest.World) {
		if err := w.AddApp(name, shapes...); err != nil {
			s.Fatal(err)
		}
	})
	r := drain.New(name)
	r.Apps[0].Image = "registry.fly.io/" + name + ":v2"
	r.Flyctl = s.fly.Runner()
	r.Events = func(e drain.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, e)
	}
	return &r
}

// apps adds app-0, app-1 and so on, and returns a release of all of them.
func (s *sim) apps(n int, shapes ...string) *drain.Release {
	s.Helper()
	var each []*drain.Release
	for i := range n {
		each = append(each, s.app(fmt.Sprintf("app-%d", i), shapes...))
	}
	return together(each...)
}

// together returns the first release, with the apps of all.
func together(each ...*drain.Release) *drain.Release {
	all := *each[0]
	for _, r := range each[1:] {
		all.Apps = append(all.Apps, r.Apps...)
	}
	return &all
}

// again returns a release of the same apps, as another process would have it: to
// the image of a tag, or for "" to none.
func (s *sim) again(r *drain.Release, tag string) *drain.Release {
	next := &drain.Release{Events: r.Events, Flyctl: s.fly.Runner()}
	next.HealthTimeout = r.HealthTimeout
	for _, a := range r.Apps {
		again := drain.App{Name: a.Name, Dir: a.Dir}
		if tag != "" {
			again.Image = "registry.fly.io/" + a.Name + ":" + tag
		}
		next.Apps = append(next.Apps, again)
	}
	return next
}

// background returns a copy of the release that returns after the cutover.
func background(r *drain.Release) *drain.Release {
	again := *r
	again.Background = true
	return &again
}

// run runs one step on machines.
func run(step drain.Step, ids ...string) error { return drain.Run(script.Slice(ids), step) }

// dir is a folder with a fly.toml.
func (s *sim) dir(toml string) string {
	dir := s.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "fly.toml"), []byte(toml), 0o644); err != nil {
		s.Fatal(err)
	}
	return dir
}

func (s *sim) connect(app, group, region string, n int, lives time.Duration) {
	s.world(func(w *draintest.World) { w.Connect(app, group, region, n, lives) })
}

// list returns the app's machines, one "group region state image-tag [cordoned]" each.
func (s *sim) list(app string) string {
	var rows []string
	s.world(func(w *draintest.World) {
		for _, m := range w.Live(app) {
			_, tag, _ := strings.Cut(m.Config.Image, ":")
			row := fmt.Sprintf("%s %s %s %s", m.Group(), m.Region, m.State, tag)
			if m.Cordoned {
				row += " cordoned"
			}
			rows = append(rows, row)
		}
	})
	return strings.Join(rows, "\n")
}

// after does something in a while.
func (s *sim) after(d time.Duration, do func()) {
	go func() {
		select {
		case <-time.After(d):
			do()
		case <-s.Context().Done():
		}
	}()
}

// onEvent does something at the first event of a kind that is about a machine.
func (s *sim) onEvent(r *drain.Release, kind drain.EventKind, do func(e drain.Event)) {
	listen, did := r.Events, s.awaits("event "+string(kind))
	var once sync.Once
	r.Events = func(e drain.Event) {
		listen(e)
		if e.Kind == kind && e.Machine != "" {
			once.Do(func() { did(); do(e) })
		}
	}
}

// awaits fails the test if what it says has not come by its end: the rest of the test
// would prove nothing.
func (s *sim) awaits(what string) (did func()) {
	var done atomic.Bool
	s.Cleanup(func() {
		if !done.Load() {
			s.Errorf("%s: it has not come", what)
		}
	})
	return func() { done.Store(true) }
}

// readings are what probes said of a machine, or of all for "".
func (s *sim) readings(machine string) []drain.Event {
	return slices.DeleteFunc(slices.Clone(s.events), func(e drain.Event) bool {
		return e.Kind != drain.EventConnections || machine != "" && e.Machine != machine
	})
}

// of are the events of a kind.
func (s *sim) of(kind drain.EventKind) []drain.Event {
	return slices.DeleteFunc(slices.Clone(s.events), func(e drain.Event) bool { return e.Kind != kind })
}

// v2 is how the app of most tests looks when its release is done.
var v2 = []string{"app iad started v2", "app iad started v2", "worker iad started v2"}

// draining is an app with n cordoned machines, each with connections
// whose lives are given in hours, and one machine of a later release serves.
func (s *sim) draining(n int, lives ...func(i int) time.Duration) *drain.Release {
	s.Helper()
	r := s.app("my-app", fmt.Sprintf("app=iad:%d", n))
	s.world(func(w *draintest.World) {
		for _, life := range lives {
			for i := range n { // the least busy one is next
				w.Connect("my-app", "app", "iad", 1, life(i))
			}
		}
		for _, m := range w.Live("my-app") {
			m.Cordoned, m.Hidden = true, true
		}
		green := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v2")
		green.Config.Env["FLYDRAIN"] = time.Now().UTC().Format("20060102T150405Z") + "-ab12/1/1"
		w.LogSize = 100
	})
	return r
}

// ids are the machines that run an image, by its tag.
func (s *sim) ids(tag string) (ids []string) {
	s.world(func(w *draintest.World) { ids = idsOf(w, tag) })
	return ids
}

func idsOf(w *draintest.World, tag string) (ids []string) {
	for _, m := range w.Live("my-app") {
		if strings.HasSuffix(m.Config.Image, ":"+tag) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// metrics are a Prometheus of this Fly, and a probe that asks it.
func (s *sim) metrics() (*draintest.Metrics, probe.Prometheus) {
	m := &draintest.Metrics{Fly: s.fly, Token: "FlyV1 fm2_lJPECAAAAAAAAC7t"}
	go m.Run(s.Context())
	return m, probe.Prometheus{URL: "https://metrics.test", Token: "fm2_lJPECAAAAAAAAC7t", Client: &http.Client{Transport: m}}
}
