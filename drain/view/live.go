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

// live shows a run on a terminal as a picture that is redrawn in place, with warnings
// as log lines above it; if verbose, with every log line. Where f is not a terminal
// that can be redrawn, or $CI is set, there is no picture, and it shows what Log does.
// Neither says how the run ended. end leaves the last picture where it is.
func live(f *os.File, verbose bool) (events func(drain.Event), end func()) {
	opts := logOptions
	if verbose {
		opts.Level = log.DebugLevel
	}
	if !redraws(f) {
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
	echo := hideInterrupts(f.Fd())
	return v.event, func() { v.end(); echo() }
}

// redraws reports whether f is a terminal on which a picture can be redrawn.
func redraws(f *os.File) bool {
	ci := os.Getenv("CI")
	return term.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb" && (ci == "" || ci == "false")
}

// liveView sends events to a picture, and writes log lines above it.
type liveView struct {
	mu       sync.Mutex
	logger   *log.Logger
	lines    *logView // above the picture
	program  *tea.Program
	width    atomic.Int64
	ended    chan struct{} // closed when the picture does not move any more
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
		// Whatever stops the picture, also a panic, must not stop the release. From
		// then on there are log lines.
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

// Write puts a log line above the picture.
func (v *liveView) Write(line []byte) (int, error) {
	select {
	case <-v.ended: // there is no picture any more
		return v.fallback.Write(line)
	default:
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

// picture is what is on the screen.
type picture struct {
	view *liveView
	canvas
	state state
}

type tick time.Time

// every is how often the picture moves without an event.
const every = 250 * time.Millisecond

func ticking() tea.Cmd { return tea.Tick(every, func(t time.Time) tea.Msg { return tick(t) }) }

// Init shows the cursor: if the program is killed, it would stay hidden.
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
