package facts

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/internal/capacity"
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
	ID     string            // of the release that plays green; of a rollback ""
	Older  []string          // of a rollback: the machines that play green
	Want   capacity.Capacity // what green is to be; nil where it is there already
	Size   int               // how many machines green has, by its mark
	Before *fleet.Before     // what was there when the release began, or when a later run found it
	Image  bool              // an image must be built first
	Region string            // where flyctl creates a group's first machine; "" is near the caller

	ReleaseCommand bool // there is one, and it runs before green is created

	HealthTimeout time.Duration // for green to become well; 0 means no limit
	Smoke         time.Duration // how long a machine without checks must have run
	Within        time.Duration // from the creation of a release's last machine to blue's cordon, at most; 0 is not known
	StopLate      bool          // a machine is stopped at its deadline, also one that cannot be reached
}

// index returns the place of a command's app, or -1.
func (g Goal) index(c fleet.Command) int {
	return slices.IndexFunc(g.Apps, func(a App) bool { return a.Name == c.App })
}
