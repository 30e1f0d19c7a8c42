package drain

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/safe"
	"github.com/flydrain/flydrain/drain/probe"
)

// Status is what there is of a release's apps, and what another run would do.
type Status struct {
	Time     time.Time       `json:"time"`
	Machines []MachineStatus `json:"machines"`      // that "fly deploy" created
	Next     []PlanStep      `json:"next"`          // what Resume would do
	Why      string          `json:"why,omitempty"` // why it would not, or not all of it
}

// MachineStatus is one machine of a [Status].
type MachineStatus struct {
	App         string         `json:"app"`
	Machine     string         `json:"machine"`
	Group       string         `json:"group"`
	Region      string         `json:"region"`
	State       string         `json:"state"`
	Role        string         `json:"role"` // serves, drains (it is cordoned), runs (neither) or unknown
	Release     string         `json:"release,omitempty"`
	Created     time.Time      `json:"created,omitzero"`
	Connections *probe.Reading `json:"connections,omitempty"` // of one that drains and runs
	CordonedBy  time.Time      `json:"cordoned_by,omitzero"`  // it was cordoned then at the latest; zero if the list does not tell
	Until       time.Time      `json:"until,omitzero"`        // its deadline, at the latest
}

// Status lists the machines, asks the probes about those that drain, and plans what
// Resume would do. It changes nothing.
func (r Release) Status(ctx context.Context) (Status, error) {
	s := Status{Machines: []MachineStatus{}, Next: []PlanStep{}}
	j, ctx, end, err := r.begin(ctx)
	if err != nil {
		return s, err
	}
	defer end()
	lists, err := j.listAll(ctx)
	if err != nil {
		return s, err
	}
	s.Time = time.Now()
	for i, a := range j.apps {
		s.Machines = append(s.Machines, a.status(ctx, lists[i], s.Time)...)
	}
	plan, err := r.Plan(ctx, opResume)
	if s.Next = plan.Steps; err != nil {
		s.Why = safe.Line(err)
	}
	return s, ctx.Err()
}

func (a *app) status(ctx context.Context, l fleet.List, now time.Time) []MachineStatus {
	readings := a.count(ctx, askAll, l.Managed().Cordoned().Where(func(m *fleet.Machine) bool {
		return m.Started() && (!m.Worker() || a.WorkerProbe != nil)
	}))
	var all []MachineStatus
	for _, m := range append(l.Managed(), l.Unknown()...) {
		s := MachineStatus{App: a.Name, Machine: m.ID, Group: m.Group(), Region: m.Region, State: m.State, Role: "runs", Release: m.Mark.ID, Created: m.CreatedAt}
		if r, asked := readings[m.ID]; asked {
			s.Connections = &r
		}
		switch {
		case m.Thin:
			s.Role = "unknown"
		case m.Serving():
			s.Role = "serves"
		case m.Cordoned:
			s.Role, s.CordonedBy = "drains", l.CordonedBy(m, a.within(), now)
			if a.Deadline > 0 && !s.CordonedBy.IsZero() {
				s.Until = s.CordonedBy.Add(a.release.Bake + a.Deadline)
			}
		}
		all = append(all, s)
	}
	return all
}

// String returns the status as a table, a machine a line, and what another run would do.
func (s Status) String() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	clock := func(words string, t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return words + t.Local().Format("Jan 2 15:04")
	}
	for _, m := range s.Machines {
		connections := ""
		if m.Connections != nil {
			connections = m.Connections.String()
		}
		old := s.Time.Sub(m.Created)
		age := old.Round(time.Second).String()
		if days := old / (24 * time.Hour); days > 1 {
			age = fmt.Sprintf("%d days", days)
		} else if old > time.Minute {
			age = strings.TrimSuffix(old.Round(time.Minute).String(), "0s")
		}
		fmt.Fprintln(table, strings.Join([]string{m.App, m.Machine, flyctl.Printable(m.Group), m.Region, m.State, m.Role, flyctl.Printable(connections),
			clock("cordoned before ", m.CordonedBy), clock("deadline ", m.Until), "age " + age}, "\t"))
	}
	_ = table.Flush()
	for _, step := range s.Next {
		if len(step.Commands) == 0 && step.Wait == 0 {
			continue
		}
		fmt.Fprintf(&b, "the next run would: %s\n", flyctl.Printable(step.Why))
	}
	if s.Why != "" {
		fmt.Fprintln(&b, "the next run ends with: "+flyctl.Printable(s.Why))
	} else if len(s.Next) == 0 {
		b.WriteString("the next run has nothing to do\n")
	}
	return b.String()
}
