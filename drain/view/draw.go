package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/flydrain/flydrain/drain"
)

// draw returns the picture of a run: its phases, how far the newest one has come,
// and a bar for each machine that drains. It fits into the window. Its last line
// ends with a newline.
func (c canvas) draw(s *state) string {
	if len(s.phases) == 0 && len(s.machines) == 0 {
		return ""
	}
	lines := []string{c.phases(s)}
	if why := s.failed(); why != "" && !c.ended { // the outcome says it when the run has ended
		lines = append(lines, c.reason(why)...)
	}
	if p := s.phase(); c.ended && p != nil && p.name != drain.PhaseDrain {
		return c.fit(lines) // nothing has drained
	}
	rows := s.leaving()
	if !c.ended && (len(rows) == 0 || !s.drains()) {
		lines = append(lines, c.tasks(s, c.height-2-len(lines))...)
	}
	if s.drains() && len(rows) > 0 {
		lines = append(lines, c.bars(rows, c.height-4-len(lines))...)
	}
	if sum := c.sum(s, rows); s.drains() && strings.TrimSpace(sum) != "" {
		lines = append(lines, sum)
	}
	return c.fit(lines)
}

// fit returns lines in the width of the window.
func (c canvas) fit(lines []string) string {
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], c.width, "…")
	}
	return strings.Join(lines, "\n") + "\n"
}

// reason returns why a run goes back, in a few lines.
func (c canvas) reason(why string) []string {
	const most = 4
	lines := strings.Split(ansi.Wrap(why, max(10, c.width-2), ""), "\n")
	for i := range lines {
		lines[i] = "  " + c.bad.Render(lines[i])
	}
	return lines[:min(most, len(lines))]
}

// phases returns the line of the phases, as long as the window allows.
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
		line = strings.Join(parts, " ")
		if ansi.StringWidth(line) <= c.width {
			break
		}
	}
	return line
}

// phase returns one of them: its mark, its name and its time. With brief 1, only the
// newest has a time; with 2, only the newest has a name.
func (c canvas) phase(p *phase, brief int, newest bool) string {
	took := p.took
	if !p.ended {
		took = c.now.Sub(p.begun).Truncate(time.Second)
	}
	text := c.mark(p.ended || c.ended, p.failed)
	if p.failed != "" && p.name == drain.PhaseDrain { // machines are left, and the release stands
		text = c.odd.Render("!")
	}
	if newest || brief < 2 {
		text += " " + string(p.name)
	}
	if (newest || brief < 1) && took >= time.Millisecond {
		text += " " + c.dim.Render(short(took))
	}
	return text
}

// mark returns a tick, a cross, or something that moves.
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

// tasks says for each app how far the newest phase has come.
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
	if w := c.wait(s); w != "" {
		lines = append(lines, w)
	}
	if n := len(s.printed); n > 0 && room > 1 {
		lines = append(lines, "  "+c.dim.Render(s.printed[n-1]))
	}
	for i, app := range apps {
		text := byApp[app].in(p.name)
		if text == "" {
			continue
		}
		if len(lines) >= max(1, room-1) && i < len(apps)-1 {
			lines = append(lines, c.dim.Render(fmt.Sprintf("  … and %s more", count(len(apps)-i, "app"))))
			break
		}
		lines = append(lines, "  "+ansi.Truncate(app, max(8, c.width/3), "…")+" "+c.dim.Render(text))
	}
	return lines
}

// wait says what a phase waits for, and for how long still.
func (c canvas) wait(s *state) string {
	text := s.waiting.Why
	if left := s.waiting.Until.Sub(c.now); !s.waiting.Until.IsZero() {
		if left <= 0 {
			return ""
		}
		text += fmt.Sprintf(" (%s left)", short(left.Round(time.Second)))
	}
	if text == "" {
		return ""
	}
	return "  " + c.dim.Render(text)
}

// tally counts an app's machines by what has been done to them.
type tally struct{ blue, green, held, healthy, uncordoned, cordoned int }

func (t *tally) add(m *machine) {
	if m.created && !m.leaving() && m.last != drain.EventDestroyed {
		t.green++
		switch m.last {
		case drain.EventUncordoned:
			t.uncordoned++
			fallthrough
		case drain.EventHealthy:
			t.healthy++
			fallthrough
		case drain.EventHeld, drain.EventStarted:
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
			return count(t.blue, "machine") + " uncordoned"
		}
	case drain.PhasePrepare:
		return fmt.Sprintf("%d blue, %d green, %d held", t.blue, t.green, t.held)
	case drain.PhaseGate:
		return fmt.Sprintf("green %d/%d healthy", t.healthy, t.green)
	case drain.PhaseCutover:
		return fmt.Sprintf("green %d/%d uncordoned, blue %d/%d cordoned", t.uncordoned, t.green, t.cordoned, t.blue)
	}
	return ""
}
