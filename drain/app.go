package drain

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// Errors that callers branch on. Those of flyctl's own failures are in [flyctl].
var (
	ErrEmpty      = errors.New("no machines")
	ErrRefused    = errors.New("refused")
	ErrNotHealthy = errors.New("not healthy")
	ErrNotIdle    = errors.New("not idle")
	ErrTakenBack  = errors.New("taken back into traffic")
)

// App is an app on Fly, and how it is to be deployed. Make one with [New], set
// what differs from the defaults before the first call, and do not copy it. Its
// methods are the steps of a release; they are safe for concurrent use.
//
// A duration that is 0 is the default; a negative one is none.
type App struct {
	Name   string // the app's name on Fly
	Dir    string // folder of its fly.toml; "" is the current one
	Config string // another name for fly.toml, resolved inside Dir

	Image  string        // deploy this image; "" builds one
	Flyctl flyctl.Runner // how flyctl is run; nil looks for the binary
	Args   []string      // flags handed on to flyctl's build and deploy, such as --build-arg

	First            bool // there are no machines yet, and that is right
	AllowUnreachable bool // go on though some machines are on hosts that Fly cannot reach

	HealthTimeout time.Duration // how long green may take to be healthy. Default 5m; negative: no limit
	Smoke         time.Duration // how long a machine without checks must run. Default 10s

	Probe       probe.Probe   // counts connections. Default [probe.Sockets]
	WorkerProbe probe.Probe   // counts what machines of groups without services have in hand. Default: they go at once
	Limit       int           // a machine with at most that many connections is idle. Default 0; [SoftLimit] is each machine's own
	Settle      time.Duration // no machine is idle sooner after its cordon. Default 10s, or a longer [Release.Propagation]
	Confirm     time.Duration // how long after an idle reading another must agree. Default 2s
	Poll        time.Duration // how often is looked when few connections are left. Default 5s
	Deadline    time.Duration // how long after its cordon a machine is waited for. Default: for ever
	AtDeadline  AtDeadline    // what is done to it then. Default [Keep]

	// LoseConnections lets [App.Autostop] update machines that have connections.
	LoseConnections bool

	// ListEvery is how far apart Fly wants two lists of the machines, and two
	// machines created, to be. Default 1s.
	// https://fly.io/docs/machines/api/working-with-machines-api/#rate-limits
	ListEvery time.Duration

	// Events, where set, is told of all that happens, one event at a time.
	Events func(Event)

	emitting   sync.Mutex
	once       sync.Once
	fly        *flyctl.Client
	lists      lister
	built      atomic.Value // the image that Build has pushed
	cordonedAt sync.Map     // id → time.Time, for the machines that this App has cordoned
}

// New gives the app with that name, all else by default.
func New(name string) *App { return &App{Name: name} }

// client is flyctl, bound to this app.
func (a *App) client() *flyctl.Client {
	a.once.Do(func() {
		a.fly = &flyctl.Client{App: a.Name, Dir: a.Dir, Config: a.Config, Run: a.Flyctl, Every: a.ListEvery,
			Notify: func(err error, wait time.Duration) {
				a.emit(Event{Kind: Retry, Took: wait, Text: err.Error()})
			}}
		a.lists.list, a.lists.tick = a.fly.List, a.tick()
		a.lists.turn, a.lists.known = make(chan struct{}, 1), map[string]bool{}
	})
	return a.fly
}

// tick is the time between two looks at the list.
func (a *App) tick() time.Duration { return orDefault(a.ListEvery, time.Second) }

// probe is the one that was set, or the default.
func (a *App) probe() probe.Probe {
	if a.Probe != nil {
		return a.Probe
	}
	return probe.Sockets{}
}

// healthTimeout is how long green may take to be healthy.
func (a *App) healthTimeout() time.Duration {
	if a.HealthTimeout < 0 {
		return math.MaxInt64
	}
	return orDefault(a.HealthTimeout, 5*time.Minute)
}

// orDefault gives d, its default where it is 0, and 0 where it is negative.
func orDefault(d, byDefault time.Duration) time.Duration {
	switch {
	case d == 0:
		return byDefault
	case d < 0:
		return 0
	}
	return d
}

// refuse makes an error for what will not be done.
func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrRefused}, args...)...)
}
