// Package flyctl runs Fly.io's command line tool, one method a subcommand.
//
// It knows the binary and nothing of strategy: how a command is spelled, what
// its answer means, which of its failures are worth another try. Everything it
// relies on is in flyctl's documented command line; it never speaks to Fly's
// API itself, and so needs no credentials of its own: flyctl finds them as it
// always does.
//
// Each subcommand has a file: an argument vector built by a function of its
// own, the method that runs it, and the answer's type. What every command has
// in common is in client.go, and what is tried again in retry.go; the process is
// in process.go; what flyctl's error texts mean is in classify.go, and what must
// not be seen in them in redact.go.
//
// Commands that change one machine are given one id each, and run side by
// side. flyctl itself takes several ids, but then one that is gone or leased
// spoils the command for the others.
package flyctl
