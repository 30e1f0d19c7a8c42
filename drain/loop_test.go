package drain_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// ran is a command that a run has run.
type ran struct {
	line       string
	begun, end time.Time
	printed    string
}

// recorded has a release note what it runs.
func recorded(r *drain.Release) *[]ran {
	var mu sync.Mutex
	all, inner := &[]ran{}, r.Flyctl
	r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
		one := ran{line: strings.Join(cmd.Args, " "), begun: time.Now()}
		res, err := inner(ctx, cmd)
		one.end, one.printed = time.Now(), string(res.Stdout)
		mu.Lock()
		defer mu.Unlock()
		*all = append(*all, one)
		return res, err
	}
	return all
}

func TestACloneIsHeldAsSoonAsFlyctlHasNamedIt(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:4")
		all := recorded(r)
		s.deploy(drain.ResultDone, r)
		clones := 0
		for _, c := range *all {
			if !strings.HasPrefix(c.line, "machine clone") {
				continue
			}
			clones++
			held := false
			for _, o := range *all {
				id, cordon := strings.CutPrefix(o.line, "machine cordon ")
				id, _, _ = strings.Cut(id, " ")
				held = held || cordon && strings.Contains(c.printed, id) && o.begun.Equal(c.end)
			}
			if !held {
				t.Errorf("not held when it ended: %s", c.line)
			}
		}
		if clones != 3 {
			t.Errorf("%d clones", clones)
		}
	})
}

func TestWhatADeployCreatesIsHeldAsSoonAsFlyctlHasToldOfIt(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:1", "worker=iad:1")
		all := recorded(r)
		s.deploy(drain.ResultDone, r)
		s.world(func(w *draintest.World) {
			for _, m := range w.Live("my-app") {
				held := slices.IndexFunc(*all, func(c ran) bool { return strings.HasPrefix(c.line, "machine cordon "+m.ID) })
				if after := (*all)[held].begun.Sub(m.Born); after > 300*time.Millisecond {
					t.Errorf("machine %s was held %v after its creation", m.ID, after)
				}
			}
		})
	})
}

func TestARoundOfUncordonsIsLookedAtOnceWhenAllOfItHasEnded(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:4", "worker=iad:0")
		n, inner := 0, r.Flyctl
		var mu sync.Mutex
		r.Flyctl = func(ctx context.Context, cmd flyctl.Command) (flyctl.Result, error) {
			if strings.HasPrefix(strings.Join(cmd.Args, " "), "machine uncordon") {
				mu.Lock()
				n++
				slower := time.Duration(n) * 100 * time.Millisecond
				mu.Unlock()
				<-time.After(slower)
			}
			return inner(ctx, cmd)
		}
		all := recorded(r)
		s.deploy(drain.ResultDone, r)
		var first, last time.Time
		for _, c := range *all {
			if strings.HasPrefix(c.line, "machine uncordon") {
				if first.IsZero() || c.begun.Before(first) {
					first = c.begun
				}
				last = c.end
			}
		}
		at := 0
		for _, c := range *all {
			if strings.HasPrefix(c.line, "machine list") && c.begun.After(first) && c.begun.Before(last) {
				t.Errorf("a list %v before the last of them ended", last.Sub(c.begun))
			}
			if strings.HasPrefix(c.line, "machine list") && !c.begun.Before(last) && c.begun.Sub(last) < 100*time.Millisecond {
				at++
			}
		}
		if at != 1 {
			t.Errorf("%d lists when they have ended, want 1", at)
		}
	})
}

func TestAReleaseBeginsByTheListThatItsGoalWasMadeBy(t *testing.T) {
	simulate(t, func(s *sim) {
		r := s.app("my-app", "app=iad:2")
		all := recorded(r)
		s.deploy(drain.ResultDone, r)
		lists, deploy := 0, time.Time{}
		for _, c := range *all {
			if strings.HasPrefix(c.line, "deploy ") && deploy.IsZero() {
				deploy = c.begun
			}
		}
		for _, c := range *all {
			if strings.HasPrefix(c.line, "machine list") && c.begun.Before(deploy) {
				lists++
			}
		}
		if lists != 1 {
			t.Errorf("%d lists before the deploy, want 1", lists)
		}
	})
}
