package rollout

import (
	"errors"
	"time"

	"github.com/flydrain/flydrain/drain/internal/fleet"
)

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
type Result string

const (
	None     Result = ""         // it has not
	Reached  Result = "done"     // what was asked is done
	Undone   Result = "failed"   // Back is done, and nothing of green is left
	Draining Result = "draining" // the release serves, and machines of the old one are left
	Left     Result = "left"     // Back is done, and machines of green are left
	Person   Result = "person"   // a person is needed, and Why says for what
)
