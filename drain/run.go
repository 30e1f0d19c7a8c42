package drain

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flydrain/flydrain/drain/internal/facts"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/standing"
)

// run is one operation of a release at work: a loop that observes, decides and
// executes until a goal is reached. One goroutine runs it; the commands that it has
// begun report to ended.
type run struct {
	Release // resolved
	world
	apps   []*app
	events *listener
	budget *interrupt
	report Report

	part  []*app // of the goal, in its order
	goal  facts.Goal
	facts facts.Facts
	lists []fleet.List
	blind time.Time // since when an app cannot be listed; zero while all can
	lost  bool      // no list could be had at the end

	still    map[string]string // the newest release of each app, when a repair found it still
	halfway  rollout.Result    // how the last repair ended; "" without one
	failedIn Phase             // when Forward became Back

	counts sync.WaitGroup // what the check asks the probes, while green is created

	under map[fleet.Command]context.CancelFunc // commands under way
	ended chan ended
	soon  chan struct{} // a list may show something new

	told struct { // so that each is told once
		phase   Phase
		begun   time.Time // the phase
		why     string    // what was waited for
		healthy map[string]bool
	}

	mu   sync.Mutex // of seen alone
	seen known      // for who asks beside the loop
}

// world is where a run's commands run and its time passes: Fly, or a plan's copy.
type world interface {
	now() time.Time
	start(ctx context.Context, d rollout.Decision) error           // begins the decision's commands
	wait(ctx context.Context, pace time.Duration, until time.Time) // returns when to look again
}

// known is the goal and the facts of a run when it last looked. It is never changed.
type known struct {
	goal  facts.Goal
	facts facts.Facts
}

// ended is a command that has come back.
type ended struct {
	command fleet.Command
	id      string // of the machine that flyctl says it created
	err     error
}

// appOf returns the app that a command is about, nil for the whole release.
func (j *run) appOf(c fleet.Command) *app {
	if i := j.placeOf(c); i >= 0 {
		return j.part[i]
	}
	return nil
}

func (j *run) placeOf(c fleet.Command) int {
	return slices.IndexFunc(j.part, func(a *app) bool { return a.Name == c.App })
}

// alone reports whether a cordon or an uncordon must not go together with others: a hold
// waits for nobody, and the newest list shows which machines somebody has leased.
func (j *run) alone(c fleet.Command) bool {
	if j.goal.Aim == facts.Forward && !j.goal.Promoted {
		return true
	}
	m := j.lists[j.placeOf(c)].Find(c.Machine)
	return m != nil && m.Nonce != ""
}

// latest returns what the run knew when it last looked, and the app's place in it.
func (j *run) latest(a *app) (k known, i int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen, slices.Index(j.part, a)
}

// view returns how an app of the goal stands by its newest list.
func (j *run) view(i int) standing.View { return standing.One(j.goal, j.facts, i, j.lists[i]) }

// lookSoon ends the wait for the next list.
func (j *run) lookSoon() {
	select {
	case j.soon <- struct{}{}:
	default:
	}
}

// names are those of the apps of the release.
func (j *run) names() (all []string) {
	for _, a := range j.apps {
		all = append(all, a.Name)
	}
	return all
}

// listAll lists all apps of the release side by side.
func (j *run) listAll(ctx context.Context) ([]fleet.List, error) {
	lists := make([]fleet.List, len(j.apps))
	return lists, each(ctx, j.apps, func(ctx context.Context, i int, a *app) (err error) {
		lists[i], err = a.list(ctx)
		return err
	})
}

// each does something for apps side by side, and ends all when one fails.
func each(ctx context.Context, apps []*app, do func(ctx context.Context, i int, a *app) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for i, a := range apps {
		g.Go(func() error { return do(ctx, i, a) })
	}
	return g.Wait()
}
