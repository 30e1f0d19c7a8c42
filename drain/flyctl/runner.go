package flyctl

import (
	"context"
	"time"
)

// A Runner runs one flyctl command to its end. [Exec] returns one that starts
// the binary; a simulated Fly, a recorder or a rate limiter is another. One that
// runs nothing and returns a zero Result shows what a method of [Client] would run.
//
// A Runner returns an error only if there is no exit code to report: the binary
// could not be started, or the context ended. In the second case the error is the
// context's cause, and the result holds what was printed by then. What the
// command changed before it ended is unknown to the Runner.
type Runner func(ctx context.Context, cmd Command) (Result, error)

// Command is one run of flyctl. A Runner may ignore Output, Talk, Wait and Tail.
type Command struct {
	Args []string // without the program's name
	Dir  string   // working folder; "" is one without a fly.toml
	Env  []string // KEY=VALUE, added to the inherited environment

	// NoToken reports that the command speaks to nobody, and needs no token.
	NoToken bool

	// Output, if not nil, is called with each line that the command prints on
	// either stream, as it prints it. Lines are as [Printable] returns them; empty
	// ones are left out, and long ones are cut. It is called one line at a time,
	// never concurrently, and not after the command has ended. It must return
	// soon: the command waits for it.
	Output func(line string) `json:"-"`

	// Talk says that Output gets standard error alone.
	Talk bool

	// Wait is how long the command has to end after an interrupt, when the context
	// ends; then it is killed. One with 0 is killed at once: it changes nothing.
	Wait time.Duration

	// Tail, if above 0, is how many bytes of the end of each stream the result
	// needs to hold.
	Tail int
}

// Result is what a finished command printed, and its exit code.
type Result struct {
	Stdout   []byte
	Stderr   []byte
	ExitCode int
}
