package view

import (
	"io"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
)

// Picture draws on w as Auto does on a terminal.
func Picture(w io.Writer) (events func(drain.Event), end func()) {
	v := &liveView{fallback: w}
	v.logger = log.NewWithOptions(v, log.Options{Level: log.DebugLevel})
	v.start(stylesOf(lipgloss.NewRenderer(w)), tea.WithOutput(w))
	return v.event, v.end
}
