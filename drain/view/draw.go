package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// canvas is what the picture of a run is drawn on.
type canvas struct {
	width, height int // of the window, in cells
	now           time.Time
	ended         bool // nothing will move any more
	styles
}

// styles are the colours; none where the terminal has none.
type styles struct{ good, bad, odd, dim, bar lipgloss.Style }

func stylesOf(r *lipgloss.Renderer) styles {
	colour := func(c string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(c)) }
	return styles{good: colour("2"), bad: colour("1"), odd: colour("3"), bar: colour("6"), dim: r.NewStyle().Faint(true)}
}

// maxRows is how many machines are shown one by one, however high the window is.
const maxRows = 20

// draw gives the picture of a run: its phases, what is left to do in the one that
// is under way, and a bar for each machine that drains. No line is wider than the
// window, and all of them are fewer than it is high. The last ends with a newline.
func (c canvas) draw(s *state) string {
	if len(s.phases) == 0 && len(s.machines) == 0 {
		return ""
	}
	lines := []string{c.phases(s)}
	if rows := s.leaving(); s.drains() && (len(rows) > 0 || c.ended) {
		if len(rows) > 0 {
			lines = append(lines, c.bars(rows, min(maxRows, c.height-5))...)
		}
		if sum := c.sum(s, rows); strings.TrimSpace(sum) != "" {
			lines = append(lines, sum)
		}
	} else if !c.ended {
		lines = append(lines, c.tasks(s, c.height-3)...)
	}
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], c.width, "…")
	}
	return strings.Join(lines, "\n") + "\n"
}

// drains tells whether machines are waited for. In the cutover, what is cordoned
// is not: it is counted when all of it is.
func (s *state) drains() bool {
	p := s.phase()
	return p == nil || p.name == drain.PhaseDrain || p.failed != ""
}

// leaving gives the machines that are on their way out.
func (s *state) leaving() []*machine {
	var out []*machine
	for _, m := range s.machines {
		if m.leaving() {
			out = append(out, m)
		}
	}
	return out
}

// phases is the line of the phases, as long as the window lets it be.
func (c canvas) phases(s *state) string {
	if len(s.phases) == 0 {
		return c.mark(false, "") + " draining"
	}
	var line string
	for brief := range 3 {
		var parts []string
		for i, p := range s.phases {
			parts = append(parts, c.phase(p, brief, i == len(s.phases)-1))
		}
		if p := s.phase(); p.failed != "" && !c.ended {
			parts = append(parts, c.mark(false, "")+" going back "+short(c.now.Sub(p.begun.Add(p.took)).Truncate(time.Second)))
		}
		line = strings.Join(parts, " ")
		if ansi.StringWidth(line) <= c.width {
			break
		}
	}
	return line
}

// phase is one of them: its mark, its name and its time, of which the less is
// shown the briefer it is to be.
func (c canvas) phase(p *phase, brief int, newest bool) string {
	took := p.took
	if !p.ended {
		took = c.now.Sub(p.begun).Truncate(time.Second)
	}
	mark := c.mark(p.ended || c.ended, p.failed)
	switch {
	case !newest && brief == 2:
		return mark
	case !newest && brief == 1:
		return mark + " " + string(p.name)
	}
	if took < time.Millisecond {
		return mark + " " + string(p.name)
	}
	return mark + " " + string(p.name) + " " + c.dim.Render(short(took))
}

// mark is a tick, a cross, or something that moves.
func (c canvas) mark(ended bool, failed string) string {
	switch {
	case failed != "":
		return c.bad.Render("✗")
	case ended:
		return c.good.Render("✓")
	}
	frames := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	return c.bar.Render(string(frames[c.now.UnixMilli()/100%int64(len(frames))]))
}

// tasks says, for each app, how far the phase that is under way has come.
func (c canvas) tasks(s *state, room int) []string {
	p := s.phase()
	if p == nil {
		return nil
	}
	byApp := map[string]*tally{}
	var apps []string
	for _, m := range s.machines {
		if byApp[m.app] == nil {
			byApp[m.app] = &tally{}
			apps = append(apps, m.app)
		}
		byApp[m.app].add(m)
	}
	var lines []string
	for i, app := range apps {
		text := byApp[app].in(p.name)
		if text == "" {
			continue
		}
		if len(lines) == max(1, room-1) && i < len(apps)-1 {
			lines = append(lines, c.dim.Render(fmt.Sprintf("  … and %s more", count(len(apps)-i, "app"))))
			break
		}
		lines = append(lines, "  "+ansi.Truncate(flyctl.Printable(app), max(8, c.width/3), "…")+" "+c.dim.Render(text))
	}
	return lines
}

// tally counts an app's machines by what has been done to them.
type tally struct{ blue, green, held, healthy, opened, cordoned int }

func (t *tally) add(m *machine) {
	if m.created && !m.leaving() && m.last != drain.Destroyed {
		t.green++
		switch m.last {
		case drain.Opened:
			t.opened++
			t.healthy++
			t.held++
		case drain.Healthy:
			t.healthy++
			t.held++
		case drain.Held, drain.Started:
			t.held++
		}
	}
	if m.found {
		t.blue++
		if m.leaving() {
			t.cordoned++
		}
	}
}

func (t *tally) in(p drain.Phase) string {
	switch p {
	case drain.PhaseCheck, drain.PhaseBuild:
		if t.blue > 0 {
			return count(t.blue, "machine") + " in service"
		}
	case drain.PhasePrepare:
		return fmt.Sprintf("%d blue, %d green, %d held", t.blue, t.green, t.held)
	case drain.PhaseGate:
		return fmt.Sprintf("green %d/%d healthy", t.healthy, t.green)
	case drain.PhaseCutover:
		return fmt.Sprintf("green %d/%d open, blue %d/%d out", t.opened, t.green, t.cordoned, t.blue)
	}
	return ""
}
