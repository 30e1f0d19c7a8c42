package flyctl

import "context"

// A Runner runs one flyctl command to its end. [Exec] makes one that starts
// the binary; a simulated Fly, a recorder or a rate limiter is another.
//
// A Runner returns an error only where there is no exit code to report: the
// binary could not be started, or the context ended. In the second case the
// error is the context's cause, and the result holds what was printed by then.
// What the command changed before it ended is unknown to the Runner.
type Runner func(ctx context.Context, cmd Command) (Result, error)

// Command is one run of flyctl.
type Command struct {
	Args []string // without the program's name
	Dir  string   // working folder; "" is one without a fly.toml
	Env  []string // KEY=VALUE, added to the inherited environment
}

// Result is what a finished command left behind.
type Result struct {
	Stdout   []byte // the data
	Stderr   []byte // the talk
	ExitCode int
}
