// Package flyctl runs Fly.io's command line tool, one method and one file a
// subcommand.
//
// It knows the binary and nothing of strategy: how a command is spelled, what its
// answer means, which of its failures are worth another try. It relies only on
// flyctl's documented command line. It never speaks to Fly's API itself, so it
// needs no credentials: flyctl finds them as it always does.
//
// Start with [Client]. What all commands have in common is in client.go, and what
// is repeated in retry.go. classify.go knows what flyctl's error texts mean,
// redact.go what must not be seen in them, and printable.go what must not reach a
// terminal.
//
// Commands that change machines are given one id each, and run side by side.
// flyctl itself takes several ids, but then one that is gone or leased spoils the
// command for the others.
package flyctl
