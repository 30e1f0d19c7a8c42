package drain

import (
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/probe"
)

// Kind says what an [Event] is about. The names are stable.
type Kind string

// The kinds of events, in the order in which a release sends them.
const (
	PhaseBegun  Kind = "phase-begun"
	PhaseEnded  Kind = "phase-ended" // Took is how long it was; Text, where there is one, why it failed
	Found       Kind = "found"       // a blue machine: it is in service as the release begins
	Created     Kind = "created"     // a green machine is there
	Held        Kind = "held"        // it is out of traffic; Took is how long it was not
	Surplus     Kind = "surplus"     // a green machine too many, or of the wrong size or region
	Healthy     Kind = "healthy"     // it runs, and its checks pass
	Started     Kind = "started"     // it was found stopped, and was started again
	Opened      Kind = "opened"      // it takes traffic
	Cordoned    Kind = "cordoned"    // it takes no new connection
	Baking      Kind = "baking"      // blue is out of traffic, and kept whole until Until, so that Rollback finds it
	Connections Kind = "connections" // what a probe says has changed; Reading is what it says now
	Waiting     Kind = "waiting"     // a drain has looked at its machines, as it does at least once a minute, and goes on
	Idle        Kind = "idle"        // its last connection has gone
	Deadline    Kind = "deadline"    // it is not idle, and its time is up
	Kept        Kind = "kept"        // a drain waits for it no more, and leaves it as it is; Text says why
	Gone        Kind = "gone"        // a drain finds it gone, and it was not us
	Stopped     Kind = "stopped"
	Destroyed   Kind = "destroyed"
	Retry       Kind = "retry"   // a flyctl command failed, and is run again after Took
	Warning     Kind = "warning" // something a person should know; Text says what
	Outcome     Kind = "outcome" // how it ended; the last event of a release
)

// Event is one thing that happened. What does not apply is zero.
type Event struct {
	Time    time.Time      `json:"time"`
	Kind    Kind           `json:"kind"`
	App     string         `json:"app,omitempty"`
	Phase   Phase          `json:"phase,omitempty"`
	Machine string         `json:"machine,omitempty"`
	Group   string         `json:"group,omitempty"`
	Region  string         `json:"region,omitempty"`
	Reading *probe.Reading `json:"reading,omitempty"`
	Limit   int            `json:"limit,omitempty"`  // of Connections: with at most so many it is idle
	Until   time.Time      `json:"until,omitzero"`   // of Connections: its deadline; of Baking: its end
	Result  Result         `json:"result,omitempty"` // of Outcome
	Took    time.Duration  `json:"took_ns,omitempty"`
	Text    string         `json:"text,omitempty"`
}

// Phase is a part of a release.
type Phase string

// The phases of a release, in their order.
const (
	PhaseCheck   Phase = "check"
	PhaseBuild   Phase = "build"
	PhasePrepare Phase = "prepare"
	PhaseGate    Phase = "gate"
	PhaseCutover Phase = "cutover"
	PhaseDrain   Phase = "drain"
)

// emit sends an event to whoever listens, one at a time.
func (a *App) emit(e Event) {
	if a.Events == nil {
		return
	}
	e.Time, e.App = time.Now(), a.Name
	a.emitting.Lock()
	defer a.emitting.Unlock()
	a.Events(e)
}

func (a *App) emitMachine(kind Kind, m flyctl.Machine) { a.emit(about(kind, m)) }

// about is an event about a machine.
func about(kind Kind, m flyctl.Machine) Event {
	return Event{Kind: kind, Machine: m.ID, Group: m.Group(), Region: m.Region}
}

func (a *App) warn(text string) { a.emit(Event{Kind: Warning, Text: text}) }
