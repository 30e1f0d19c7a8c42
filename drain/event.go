package drain

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
	"github.com/flydrain/flydrain/drain/internal/safe"
	"github.com/flydrain/flydrain/drain/probe"
)

// Event is one thing that happened. A field that does not apply is zero. In JSON,
// durations are numbers of seconds. Its texts are safe to show, whoever said them (see
// [flyctl.Printable]).
type Event struct {
	Time    time.Time      `json:"time"`
	Kind    EventKind      `json:"kind"`
	Phase   Phase          `json:"phase,omitempty"`
	App     string         `json:"app,omitempty"` // "" where it is about all apps of a release
	Machine string         `json:"machine,omitempty"`
	Group   string         `json:"group,omitempty"`
	Region  string         `json:"region,omitempty"`
	Reading *probe.Reading `json:"reading,omitempty"`
	Limit   int            `json:"limit,omitempty"`  // of EventConnections: with at most so many the machine is idle
	Until   time.Time      `json:"until,omitzero"`   // of EventConnections: the machine's deadline; of EventWaiting: its end
	Result  Result         `json:"result,omitempty"` // of EventOutcome
	Took    time.Duration  `json:"-"`                // "took" in JSON
	Output  string         `json:"output,omitempty"` // of EventOutput: the line
	Why     string         `json:"why,omitempty"`    // in words: the reason, a warning, or the last line
}

// EventKind says what an [Event] is about. The values are stable.
type EventKind string

// The kinds of events, in the order in which a release sends them.
const (
	EventPhaseBegun  EventKind = "phase-begun"
	EventPhaseEnded  EventKind = "phase-ended" // Took is how long it was; Why, if not empty, is why it failed
	EventFound       EventKind = "found"       // a blue machine: it is uncordoned as the release begins
	EventCreated     EventKind = "created"     // a green machine exists
	EventHeld        EventKind = "held"        // it is cordoned; Took is how long it was uncordoned
	EventHealthy     EventKind = "healthy"     // it runs, and its checks pass
	EventStarted     EventKind = "started"     // it was found stopped, and was started again
	EventUncordoned  EventKind = "uncordoned"  // it gets new connections
	EventCordoned    EventKind = "cordoned"    // it gets no new connection; with Why, a green machine too many, which stays cordoned and is destroyed
	EventConnections EventKind = "connections" // a machine's count has changed; Reading is what it is now
	EventWaiting     EventKind = "waiting"     // with Why, what a phase waits for; without, the drain has looked at its machines, as it does at least once a minute, and continues
	EventIdle        EventKind = "idle"        // it has stopped, or has at most Limit connections
	EventDeadline    EventKind = "deadline"    // it is not idle at its deadline; Took is the time since its cordon, or the end of the bake time
	EventKept        EventKind = "kept"        // the drain leaves it as it is; Why says why
	EventDisappeared EventKind = "disappeared" // it is gone, and flydrain did not destroy it
	EventStopped     EventKind = "stopped"
	EventDestroyed   EventKind = "destroyed"
	EventOutput      EventKind = "output"  // a build, a release command or a deploy printed a line; with Machine, the log of a green machine that is not healthy has it
	EventRetry       EventKind = "retry"   // a flyctl command failed, and is run again after Took
	EventWarning     EventKind = "warning" // something a person should know
	EventOutcome     EventKind = "outcome" // how it ended; the last event of a release
)

// Phase is a part of a release.
type Phase string

// The phases of a release, in their order. One that cannot go on turns to PhaseUndo:
// blue serves as before, and then green is removed.
const (
	PhaseCheck   Phase = "check"
	PhaseBuild   Phase = "build"
	PhasePrepare Phase = "prepare"
	PhaseGate    Phase = "gate"
	PhaseCutover Phase = "cutover"
	PhaseDrain   Phase = "drain"
	PhaseUndo    Phase = "undo"
)

// MarshalJSON writes the event as one object, with took in seconds.
func (e Event) MarshalJSON() ([]byte, error) {
	type plain Event // without this method
	return json.Marshal(struct {
		plain
		Took float64 `json:"took,omitempty"`
	}{plain(e), e.Took.Seconds()})
}

// listener sends events to whoever listens, one at a time.
type listener struct {
	mu   sync.Mutex
	tell func(Event)
}

func (l *listener) send(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Time = time.Now()
	safe.In(&e)
	l.tell(e)
}

// about is an event about a machine.
func about(kind EventKind, m *fleet.Machine) Event {
	return Event{Kind: kind, Machine: m.ID, Group: m.Group(), Region: m.Region}
}
