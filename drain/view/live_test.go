package view

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
)

// terminal is one that takes all and has no size.
type terminal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

func drawn() (v *liveView, screen, fallback *terminal) {
	screen, fallback = &terminal{}, &terminal{}
	v = &liveView{fallback: fallback}
	v.logger = log.NewWithOptions(v, log.Options{Level: log.WarnLevel})
	v.start(stylesOf(lipgloss.NewRenderer(screen)), tea.WithOutput(screen))
	return v, screen, fallback
}

func TestThePictureStaysWhenItEnds(t *testing.T) {
	v, screen, fallback := drawn()
	for _, e := range []drain.Event{
		{Time: noon, Kind: drain.EventPhaseBegun, Phase: drain.PhaseDrain},
		{Time: noon, Kind: drain.EventCordoned, App: "chat", Machine: "m1"},
		{Time: noon, Kind: drain.EventWarning, Why: "mind the gap the gap the gap"},
		{Time: noon, Kind: drain.EventKept, App: "chat", Machine: "m1", Why: "because"},
		{Time: noon, Kind: drain.EventPhaseEnded, Phase: drain.PhaseDrain, Took: 1e9},
		{Time: noon, Kind: drain.EventOutcome, Result: drain.ResultDraining, Why: "how it ended"},
	} {
		v.event(e)
	}
	v.end()
	v.end() // again is nothing
	got := screen.String()
	for _, want := range []string{"WARN mind the gap the gap the gap\r\n", "✓ drain 1s", "1 machine left as it is"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q on the screen: %q", want, got)
		}
	}
	if strings.Contains(got, "how it ended") || strings.Contains(got, "INFO") {
		t.Errorf("too much on the screen: %q", got)
	}
	if hidden, shown := strings.LastIndex(got, "\x1b[?25l"), strings.LastIndex(got, "\x1b[?25h"); hidden > shown {
		t.Error("the cursor stays hidden")
	}
	if fallback.String() != "" {
		t.Errorf("on the fallback: %s", fallback)
	}
}

func TestAFailedBuildOnATerminalShowsWhatItPrinted(t *testing.T) {
	v, screen, _ := drawn()
	v.event(drain.Event{Time: noon, Kind: drain.EventPhaseBegun, Phase: drain.PhaseBuild})
	v.event(drain.Event{Time: noon, Kind: drain.EventOutput, App: "chat", Output: "make: *** [all] Error 2"})
	v.event(drain.Event{Time: noon, Kind: drain.EventPhaseEnded, Phase: drain.PhaseBuild, Why: "failed"})
	v.end()
	if got := screen.String(); strings.Count(got, "make: *** [all] Error 2\r\n") == 0 {
		t.Errorf("the line is not above the picture: %q", got)
	}
}

// The release must go on when the picture cannot.
func TestWhenThePictureDiesThereAreLogLines(t *testing.T) {
	v, _, fallback := drawn()
	v.program.Kill()
	<-v.ended
	v.event(drain.Event{Time: noon, Kind: drain.EventDestroyed, App: "chat", Machine: "m1"})
	if got := fallback.String(); !strings.Contains(got, "INFO destroyed") {
		t.Errorf("%q", got)
	}
	v.end()
}

func TestThereIsNoPictureWithoutATerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, end := live(f, false)
	events(drain.Event{Time: noon, Kind: drain.EventPhaseBegun, Phase: drain.PhaseDrain})
	events(drain.Event{Time: noon, Kind: drain.EventCordoned, App: "chat", Machine: "m1"})
	end()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(got), "\n"); len(lines) != 3 || strings.Contains(string(got), "\x1b") || !strings.HasSuffix(lines[1], "INFO cordoned app=chat machine=m1") {
		t.Errorf("%q", got)
	}
}
