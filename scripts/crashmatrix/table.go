package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain"
)

// tally counts cells.
type tally struct {
	cells, converged, left, broken int
}

func (t *tally) add(c *cell) {
	t.cells++
	if c.converged() {
		t.converged++
	}
	t.left = max(t.left, c.left, -c.left)
	t.broken += len(c.broken)
}

// String is "12", or "11 of 12" where one did not converge.
func (t tally) String() string {
	switch {
	case t.cells == 0:
		return ""
	case t.converged == t.cells:
		return fmt.Sprint(t.cells)
	}
	return fmt.Sprintf("**%d of %d**", t.converged, t.cells)
}

func sum(cells []*cell) (t tally) {
	for _, c := range cells {
		t.add(c)
	}
	return t
}

// columns are the ways to die.
var columns = []string{"killed before", "in it", "after", "interrupted before", "in it", "after", "flyctl outlives"}

func (d death) column() int {
	n := map[string]int{"before": 0, "in": 1, "after": 2}[d.moment.name]
	switch {
	case d.moment.late > 0:
		return 6
	case !d.killed:
		return n + 3
	}
	return n
}

// row is a kind of call.
type row struct {
	phase, command string
	first          int          // index of its first call
	calls          map[call]int // those that were died in
	ways           [7]tally
	all            tally
}

// rows summarises cells by the call of their first death.
func rows(cells []*cell) []*row {
	var all []*row
	for _, c := range cells {
		i := slices.IndexFunc(all, func(r *row) bool { return r.phase == string(c.step.phase) && r.command == c.step.command })
		if i < 0 {
			i = len(all)
			all = append(all, &row{phase: string(c.step.phase), command: c.step.command, first: c.step.index, calls: map[call]int{}})
		}
		r := all[i]
		r.calls[c.step.call]++
		r.ways[c.deaths[0][0].column()].add(c)
		r.all.add(c)
	}
	slices.SortFunc(all, func(a, b *row) int { return a.first - b.first })
	return all
}

const preface = `# The crash matrix

What is left when a run of flydrain dies, at every moment at which it can:

    go run ./scripts/crashmatrix -write

Each scenario is run once on the simulated Fly to learn the flyctl calls that it makes. Then it is run anew for each of these calls and each
way to die: before it, after it, and in it, when an API call of it has taken effect (its lease, the change itself; of a deploy its release entry and
each of its machines) and nobody has heard of that. **Killed** is SIGKILL: nothing has an effect any more, and flyctl's leases stay. **Interrupted** is
SIGINT or SIGTERM: the run has ten seconds, and what it says then has to be true. **Flyctl outlives**: the run is killed, and its flyctl
makes its machine %v later, while the next run is at work.

Then one more run: once a deploy of the next image, once a resume. A cell is converged when all apps are on one release and as
strong as they were, nothing is left over, cordoned or held, another resume finds nothing to do (S7), no connection was cut or refused, and no rule (S1 to S5)
was broken at any time. A number in the table is the number of cells, all of them converged; **bold** are those that are not.

`

// write writes the matrix as Markdown.
func write(w io.Writer, scenarios []*result) {
	var late []string
	for _, d := range lateness {
		late = append(late, d.String())
	}
	fmt.Fprintf(w, preface, strings.Join(late, ", "))
	fmt.Fprintf(w, "| scenario | calls | cells | converged | machines left over | rules broken |\n|---|---|---|---|---|---|\n")
	var all []*cell
	line := func(name, calls string, t tally) {
		fmt.Fprintf(w, "| %s | %s | %d | %d | %d | %d |\n", name, calls, t.cells, t.converged, t.left, t.broken)
	}
	for _, s := range scenarios {
		t := sum(s.cells)
		line(s.scenario.name+s.what, fmt.Sprint(s.calls), t)
		all = append(all, s.cells...)
	}
	line("**all**", "", sum(all))
	for _, s := range scenarios {
		fmt.Fprintf(w, "\n## %s\n\n", s.scenario.name+s.what)
		if s.cells[0].trouble != nil {
			s.writeTroubles(w)
			continue
		}
		if s.what != "" {
			fmt.Fprintf(w, "Where the first run died, by the call; the next run died too, in each of its calls that change something, or the first one was killed while it dealt with its interrupt.\n\n")
		}
		fmt.Fprintf(w, "| phase | call | times | %s |\n|---|---|%s---|\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
		for _, r := range rows(s.cells) {
			fmt.Fprintf(w, "| %s | %s | %d |", r.phase, r.command, len(r.calls))
			for _, t := range r.ways {
				fmt.Fprintf(w, " %v |", t)
			}
			fmt.Fprintln(w)
		}
	}
}

// writeTroubles writes what becomes of a release in which something goes wrong.
func (r *result) writeTroubles(w io.Writer) {
	fmt.Fprintf(w, "What goes wrong once, at each call that it can happen to, how the release ended, and whether one more deploy converged.\n\n")
	results := []drain.Result{drain.ResultDone, drain.ResultFailed, drain.ResultLeft, drain.ResultDraining, drain.ResultPerson}
	fmt.Fprintf(w, "| trouble | times |")
	for _, res := range results {
		fmt.Fprintf(w, " %s |", res)
	}
	fmt.Fprintf(w, " converged |\n|---|---|%s---|\n", strings.Repeat("---|", len(results)))
	for cells := r.cells; len(cells) > 0; {
		t := cells[0].trouble
		n := slices.IndexFunc(cells, func(c *cell) bool { return c.trouble != t })
		if n < 0 {
			n = len(cells)
		}
		counts := map[drain.Result]int{}
		for _, c := range cells[:n] {
			counts[c.result]++
		}
		fmt.Fprintf(w, "| %s | %d |", t.name, n)
		for _, res := range results {
			fmt.Fprintf(w, " %v |", tally{cells: counts[res], converged: counts[res]})
		}
		fmt.Fprintf(w, " %v |\n", sum(cells[:n]))
		cells = cells[n:]
	}
}

// result is a scenario that was played.
type result struct {
	scenario *scenario
	what     string // " and again", for those that die twice
	calls    int
	cells    []*cell
	missed   int // cells whose death never came
	took     time.Duration
}

func (r *result) String() string {
	t := sum(r.cells)
	return fmt.Sprintf("%s%s: %d calls, %d cells, %d converged, %d rules broken; %d moments did not come; %v",
		r.scenario.name, r.what, r.calls, t.cells, t.converged, t.broken, r.missed, r.took.Round(time.Second))
}
