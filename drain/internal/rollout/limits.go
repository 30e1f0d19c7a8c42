package rollout

import "time"

// The limits of what is decided, each with its reason. Others are in package facts.
const (
	stall       = time.Hour              // a deploy that creates no machine: flyctl runs a release command first, which may take its time
	silence     = 5 * time.Minute        // a deploy that has made everything and does not end; machines that cannot be cloned because their hosts cannot be reached
	pauseLeast  = time.Second            // between two tries of a command
	nextList    = 2 * time.Second        // until there is one more list, as lists lag
	backTimeout = 5 * time.Minute        // Back waits for blue to be enough, and for green to be idle, where the health timeout has no limit
	confirmLag  = 500 * time.Millisecond // to the second of two good lists in a row: a new answer of Fly's, and Fly lets a burst of lists through
)
