package drain

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// maxStarts is how often a machine may be started anew before it is a crash loop.
const maxStarts = 3

// AwaitHealthy hands all ids on when each machine runs and passes all its checks, on
// two lists in a row; one without checks must have run for the smoke time without a
// restart. A machine that the proxy stopped meanwhile is started again. Standbys
// have nothing to wait for. After the health timeout, or when a machine crashes
// again and again or is gone, the error says what each machine lacks.
func (s *Steps) AwaitHealthy(p *script.Pipe) *script.Pipe {
	return s.all(p, func(ctx context.Context, ids []string) error { return s.app.awaitHealthy(ctx, ids, nil) })
}

// awaitHealthy continues with what is known of green since it was made.
func (a *app) awaitHealthy(ctx context.Context, ids []string, making *preparation) error {
	g := gate{app: a, machines: map[string]*patient{}}
	for _, id := range ids {
		if err := flyctl.ValidateID(id); err != nil {
			return err
		}
		g.machines[id] = &patient{}
		if making != nil {
			g.machines[id].up = making.births[id].up
		}
	}
	if len(ids) == 0 {
		return nil
	}
	limit, gateBegun := a.HealthTimeout, time.Now()
	for {
		begun := time.Now()
		f, err := a.list(ctx)
		if err != nil {
			return err
		}
		if making != nil {
			making.witnessAll(f, begun)
		}
		waiting, err := g.look(ctx, f, begun)
		if err != nil || waiting == "" {
			return err
		}
		if time.Since(gateBegun) > limit {
			return newError(ErrNotHealthy, "%s: after %v: %s", a.Name, limit, waiting).about(a.Name, "")
		}
		if err := sleep(ctx, a.listEvery); err != nil {
			return err
		}
	}
}

type gate struct {
	*app
	machines map[string]*patient
}

// patient is what is known of a machine that is to be healthy.
type patient struct {
	up        uptime
	lists     int       // in a row on which it was healthy
	start     int64     // when its VM last started, by its events
	starts    int       // how often it was started anew
	gone      time.Time // not on any list from then on
	announced bool
}

// uptime is since when lists have shown a machine running, without a new start.
type uptime struct {
	since time.Time
	start int64
}

func (u *uptime) note(m flyctl.Machine, listed time.Time) {
	start := lastStart(m)
	if !m.Started() {
		*u = uptime{}
	} else if u.since.IsZero() || u.start != start {
		*u = uptime{time.Now(), start} // it may run since the list only
	}
}

// look returns what is still waited for, "" when nothing is.
func (g gate) look(ctx context.Context, f fleet, listed time.Time) (waiting string, err error) {
	var lacks []string
	for _, id := range slices.Sorted(maps.Keys(g.machines)) {
		p := g.machines[id]
		m, here := f.find(id)
		switch {
		case !here || m.Gone():
			if p.gone.IsZero() {
				p.gone = listed
			}
			if listed.Sub(p.gone) > listLag {
				return "", newError(ErrNotHealthy, "machine %s of %s is gone", id, g.Name).about(g.Name, id)
			}
			p.lists = 0
			lacks = append(lacks, id+" is not listed")
			continue
		case m.Standby():
			continue
		}
		p.gone = time.Time{}
		lack, err := g.examine(ctx, p, m, listed)
		if err != nil {
			return "", err
		}
		if lack != "" {
			lacks = append(lacks, fmt.Sprintf("%s (%s, %s) %s", id, m.Group(), m.Region, lack))
		} else if !p.announced {
			p.announced = true
			g.emitMachine(EventHealthy, m)
		}
	}
	return strings.Join(lacks, "; "), nil
}

// examine returns what a machine lacks to be healthy, "" when nothing.
func (g gate) examine(ctx context.Context, p *patient, m flyctl.Machine, listed time.Time) (lack string, err error) {
	p.up.note(m, listed)
	if start := lastStart(m); start != p.start {
		if p.start != 0 {
			p.starts++
		}
		p.start, p.lists = start, 0
	}
	if p.starts >= maxStarts {
		return "", newError(ErrNotHealthy, "machine %s of %s does not stay up: it was started %d times", m.ID, g.Name, p.starts+1).
			about(g.Name, m.ID).mend(fmt.Sprintf("fly logs -a %s --machine %s", g.Name, m.ID))
	}
	if !m.Reachable() {
		p.lists = 0
		return "is on a host that is " + m.HostStatus, nil
	}
	if m.Stopped() {
		p.lists = 0
		g.emitMachine(EventStarted, m)
		if err := g.fly.Start(ctx, m.ID); err != nil && !errors.Is(err, flyctl.ErrMachineNotFound) {
			return "", fmt.Errorf("starting a green machine that was stopped: %w", err)
		}
		return "was stopped", nil
	}
	if !m.Healthy() {
		p.lists = 0
		return "is " + ailment(m), nil
	}
	p.lists++
	if m.ConfiguredChecks() == 0 {
		if listed.Sub(p.up.since) < g.Smoke {
			return fmt.Sprintf("has not run for %v yet", g.Smoke), nil
		}
	}
	if p.lists < 2 {
		return "was healthy on one list only", nil
	}
	return "", nil
}

// ailment says why a machine is not healthy.
func ailment(m flyctl.Machine) string {
	if !m.Started() {
		return m.State
	}
	for _, c := range m.Checks {
		if c.Status != "passing" {
			lack := fmt.Sprintf("started, but its check %s is %s", flyctl.Printable(c.Name), c.Status)
			if c.Output != "" {
				lack += fmt.Sprintf(": %.120q", flyctl.Printable(c.Output))
			}
			return lack
		}
	}
	return fmt.Sprintf("started, but shows %d of its %d checks", len(m.Checks), m.ConfiguredChecks())
}

// lastStart is the time of the newest start in a machine's log, 0 where it has none.
func lastStart(m flyctl.Machine) int64 {
	var last int64
	for _, e := range m.Events {
		if e.Type == "start" {
			last = max(last, e.Timestamp)
		}
	}
	return last
}
