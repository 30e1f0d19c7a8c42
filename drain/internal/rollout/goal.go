// Package rollout decides what a release does next. It is a pure function of a
// goal, the machine lists, what a run knows beyond them, and the time: no context,
// clock, goroutine or I/O. Its caller lists, folds the lists into the facts with
// [Observe], asks [Decide], runs the commands, and goes round.
//
// The rows of the tables are numbered, F1 to F20 for Forward, B1 to B9 for Back,
// D1 to D5 for DrainOnly and I1 to I9 for Intent, and each decision names its row.
package rollout

import (
	"errors"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// Aim is what a run is after.
type Aim int

const (
	Forward   Aim = iota // green is to serve in place of blue
	Back                 // blue is to serve as before
	DrainOnly            // superseded machines are to go; nothing is cordoned or uncordoned
)

// Goal is what a run is to reach. It turns once at most, from Forward to Back.
type Goal struct {
	Aim        Aim
	Apps       []App
	Resumed    bool          // another run began it
	Promoted   bool          // green was uncordoned to serve; it is never held again
	Rollback   bool          // green is an older release
	HeldOnly   bool          // done when green is created and held
	WellOnly   bool          // done when green is well on two lists, or cannot be
	Check      bool          // there is a Check to ask before the cutover
	Background bool          // done when the release stands
	Bake       time.Duration // how long all of blue is kept after the cutover
	Spread     time.Duration // until a change of routing is known everywhere
	Why        string        // of Back: why Forward could not be reached
	Cause      error         // of Back: as the failed Decision's
}

// App is one app's part of a goal.
type App struct {
	Name   string
	ID     string         // of the release that plays green; of a rollback ""
	Older  []string       // of a rollback: the machines that play green
	Want   fleet.Capacity // what green is to be; nil where it is there already
	Size   int            // how many machines green has, by its mark
	Before *fleet.Before  // what was there when the release began, or when a later run found it
	Image  bool           // an image must be built first
	Region string         // where flyctl creates a group's first machine; "" is near the caller

	ReleaseCommand bool // there is one, and it runs before green is created

	HealthTimeout time.Duration // for green to become well; 0 means no limit
	Smoke         time.Duration // how long a machine without checks must have run
	Within        time.Duration // from the creation of a release's last machine to blue's cordon, at most; 0 is not known
	StopLate      bool          // a machine is stopped at its deadline, also one that cannot be reached
}

// Phase is the part of a release that a decision belongs to.
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

// What a failure is about.
var (
	ErrNotHealthy = errors.New("not healthy")
	ErrChanged    = errors.New("changed by somebody else")
)

// Decision is what to do next, and why.
type Decision struct {
	Row    string          // of the table, such as "F7"
	Phase  Phase           //
	Why    string          // in words a person can read at night
	Run    []fleet.Command // begin these, side by side
	Cancel []fleet.Command // end these
	Until  time.Time       // decide again by then; zero: when a list or a command says something new
	Fail   bool            // the goal cannot be reached
	Cause  error           // of a failure: what kind it is, or a command's error
	App    string          // of a failure: the app that it is about, if it is one
	About  string          // of a failure: the machine that it is about, if it is one
	Done   Result          // how the run ended; None while it has not
}

// Rows that are told of as they are decided.
const (
	RowPromote = "F7"  // green is uncordoned
	RowBake    = "F18" // blue is kept for a while
	RowUndone  = "B9"  // Back is done
	RowMixed   = "D1"  // machines of more than one release serve
)

// Result is how a run ended.
type Result int

const (
	None     Result = iota
	Reached         // what was asked is done
	Undone          // Back is done, and nothing of green is left
	Draining        // the release serves, and machines of the old one are left
	Left            // Back is done, and machines of green are left
	Person          // a person is needed, and Why says for what
)
