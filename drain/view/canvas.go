package view

import (
	"time"

	"github.com/charmbracelet/lipgloss"
)

// canvas is what the picture of a run is drawn on.
type canvas struct {
	width, height int // of the window, in cells
	now           time.Time
	ended         bool // nothing will move again
	styles
}

// styles are the colours; none where the terminal has none.
type styles struct{ good, bad, odd, dim, bar lipgloss.Style }

func stylesOf(r *lipgloss.Renderer) styles {
	colour := func(c string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(c)) }
	return styles{good: colour("2"), bad: colour("1"), odd: colour("3"), bar: colour("6"), dim: r.NewStyle().Faint(true)}
}
