package view

import (
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/log"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/flydrain/flydrain/drain"
)

// Live shows a run on a terminal as a picture that is redrawn in place: the phases,
// and while machines drain a bar for each: how many connections are left of the most
// it had since its cordon, how fast they go, when it may be done, and what is unknown
// and why. Warnings scroll by above it as log lines. Where f is not a terminal, or
// $CI is set, or the terminal is a dumb one, there is no picture, and all is as with
// [Log].
//
// Nothing else should write to the terminal until end has been called, which leaves
// the last picture where it is. How the run ended is then for [Outcome] to say. It
// reads no keys and catches no signals.
func Live(f *os.File) (events func(drain.Event), end func()) { return progress(f, false) }

// progress is Live, or with all lines of the log too.
func progress(f *os.File, verbose bool) (events func(drain.Event), end func()) {
	opts := log.Options{ReportTimestamp: true, TimeFormat: time.TimeOnly}
	if verbose {
		opts.Level = log.DebugLevel
	}
	if !moves(f) {
		return (&logView{Logger: log.NewWithOptions(f, opts), silent: true}).event, func() {}
	}
	if !verbose {
		opts.Level = log.WarnLevel
	}
	renderer := lipgloss.NewRenderer(f)
	v := &liveView{fallback: f}
	v.logger = log.NewWithOptions(v, opts)
	v.logger.SetColorProfile(renderer.ColorProfile())
	v.start(stylesOf(renderer), tea.WithOutput(f))
	return v.event, v.end
}

// moves tells whether f is a terminal on which a picture can be redrawn.
func moves(f *os.File) bool {
	ci := os.Getenv("CI")
	return term.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb" && (ci == "" || ci == "false")
}

// liveView hands events to a picture, and log lines to what is above it.
type liveView struct {
	mu       sync.Mutex
	logger   *log.Logger
	lines    *logView // above it
	program  *tea.Program
	width    atomic.Int64
	ended    chan struct{} // closed when the picture moves no more
	fallback io.Writer     // where log lines go then
}

func (v *liveView) start(s styles, opts ...tea.ProgramOption) {
	v.lines = &logView{Logger: v.logger, silent: true, beside: true}
	v.ended = make(chan struct{})
	p := &picture{view: v, canvas: canvas{width: 80, height: 24, now: time.Now(), styles: s}}
	opts = append(opts, tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(20), tea.WithoutBracketedPaste())
	v.program = tea.NewProgram(p, opts...)
	go func() {
		defer close(v.ended)
		// Whatever stops the picture, a panic included, must not stop the release:
		// from then on there are log lines.
		if _, err := v.program.Run(); err != nil {
			v.logger.SetLevel(min(v.logger.GetLevel(), log.InfoLevel))
		}
	}()
}

func (v *liveView) event(e drain.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.program.Send(e)
	v.lines.event(e)
}

// shows tells whether there is a picture still.
func (v *liveView) shows() bool {
	select {
	case <-v.ended:
		return false
	default:
		return true
	}
}

// Write puts a log line above the picture.
func (v *liveView) Write(line []byte) (int, error) {
	if !v.shows() {
		return v.fallback.Write(line)
	}
	text := strings.TrimSuffix(string(line), "\n")
	if w := int(v.width.Load()); w > 0 {
		text = ansi.Wrap(text, w, "")
	}
	v.program.Send(tea.Println(text)())
	return len(line), nil
}

func (v *liveView) end() {
	v.program.Quit()
	<-v.ended
}

// picture is the model of what is on the screen.
type picture struct {
	view *liveView
	canvas
	state state
}

type tick time.Time

// every is how often the picture moves by itself.
const every = 250 * time.Millisecond

func ticking() tea.Cmd { return tea.Tick(every, func(t time.Time) tea.Msg { return tick(t) }) }

// Init shows the cursor: were the program killed, it would stay hidden.
func (p *picture) Init() tea.Cmd { return tea.Batch(ticking(), tea.ShowCursor) }

func (p *picture) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case drain.Event:
		p.state.apply(msg)
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 {
			p.width, p.height = msg.Width, msg.Height
			p.view.width.Store(int64(msg.Width))
		}
	case tick:
		p.now = time.Time(msg)
		return p, ticking()
	}
	return p, nil
}

func (p *picture) View() string {
	p.ended = p.state.outcome.Kind != ""
	return p.draw(&p.state)
}
