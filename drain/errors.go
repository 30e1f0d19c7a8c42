package drain

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/rollout"
	"github.com/flydrain/flydrain/drain/internal/safe"
)

// What went wrong. Test for them with [errors.Is]; [Error] has the facts. Those of
// flyctl's own failures are in package flyctl.
var (
	ErrRefused    = errors.New("refused")  // a rule forbids it, and it was not begun
	ErrNotHealthy = rollout.ErrNotHealthy  // green did not become healthy, or the release's Check said no
	ErrNotIdle    = errors.New("not idle") // a machine was not idle at its deadline, or may not go yet
	ErrChanged    = rollout.ErrChanged     // somebody else, or another run, has changed the app
)

// Error is something that was refused or that failed, with its facts. Get it with
// [errors.As]. Failures of flyctl are [flyctl.Error] values, and may be wrapped in it.
type Error struct {
	App     string   // the app, where it is about one
	Machine string   // the machine, where it is about one
	Kind    error    // which rule it is, such as ErrRefused; nil where there is none
	Why     string   // what happened and what it means, without the kind
	Next    []string // the commands that would mend it, where they are known

	cause error // what it is made of
}

// Error says what happened, what it means, and which commands would mend it: one
// on the same line, several on lines of their own.
func (e *Error) Error() string {
	text := e.Why
	if e.Kind != nil {
		text = e.Kind.Error() + ": " + text
	}
	if len(e.Next) == 1 {
		return text + ": " + e.Next[0]
	}
	return strings.Join(append([]string{text}, e.Next...), "\n  ")
}

// Unwrap returns the kind and what the error is made of.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.cause}
	}
	return []error{e.cause, e.Kind}
}

func newError(kind error, format string, args ...any) *Error {
	cause := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Why: safe.Text(cause), cause: cause}
}

// mend adds the commands that would mend it.
func (e *Error) mend(commands ...string) *Error {
	e.Next = commands
	return e
}

// Kinds for this package alone.
var (
	errEmpty     = errors.New("no machines")
	errTakenBack = errors.New("uncordoned, though it was to drain")
)

// errPerson is in every error that only a person can repair.
var errPerson = errors.New("a person is needed")

// person is the error for what only a person can decide, with the commands for it.
func person(why string, commands []string) error {
	return &Error{Why: why, Next: commands, cause: errPerson}
}

// machineCommand is a command for a person, such as fly machine cordon -a my-app ID.
func machineCommand(verb, app, id string) string {
	return fmt.Sprintf("fly machine %s -a %s %s", verb, app, id)
}

// final reports whether machines could not be listed for a reason that time does not mend.
func final(err error) bool {
	return slices.ContainsFunc([]error{flyctl.ErrUsage, flyctl.ErrNotInstalled, flyctl.ErrTooOld, flyctl.ErrUnauthorized, flyctl.ErrAppNotFound},
		func(kind error) bool { return errors.Is(err, kind) })
}

// allErrors returns every Error that err holds.
func allErrors(err error) []*Error {
	var out []*Error
	switch e := err.(type) {
	case *Error:
		out = append([]*Error{e}, allErrors(e.cause)...)
	case interface{ Unwrap() error }:
		out = allErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			out = append(out, allErrors(one)...)
		}
	}
	return out
}
