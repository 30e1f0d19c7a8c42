package flyctl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is a flyctl command that failed. Its fields hold no credential and
// nothing that would move a terminal's cursor, except perhaps the Cause.
type Error struct {
	App      string
	Machine  string   // the machine that the command was about, if any
	Args     []string // the command, without what is secret
	ExitCode int      // flyctl's; -1 if it was not started or did not end by itself
	Message  string   // the reason that flyctl printed, on one line
	Stderr   string   // the end of what it printed, 4 KiB at most
	Kind     error    // one of the Err values, or nil
	Cause    error    // why there is no exit code (the context's cause, or the system's error), or what is wrong with the answer
}

// Error says, on one line, what was run, why it failed, and what to do.
func (e *Error) Error() string {
	command := "flyctl"
	for _, arg := range e.Args {
		command += " " + shorten(arg, longArg)
	}
	cause := ""
	if e.Cause != nil {
		cause = Printable(e.Cause.Error())
	}
	why := e.Message + cause
	switch {
	case e.Message != "" && cause != "":
		why = e.Message + " (" + cause + ")"
	case why == "":
		why = fmt.Sprintf("exit code %d without a reason", e.ExitCode)
		if e.Kind != nil {
			why += ": " + e.Kind.Error()
		}
		stderr := strings.TrimSpace(e.Stderr)
		if last := line(stderr[strings.LastIndex(stderr, "\n")+1:]); last != "" {
			why += ": " + shorten(last, messageLength)
		}
	}
	if hint := advice[e.Kind]; hint != "" {
		why += ": " + hint
	}
	return shorten(command, longCommand) + ": " + why
}

// Unwrap returns the kind and the cause, so that errors.Is finds both.
func (e *Error) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Kind, e.Cause}, func(err error) bool { return err == nil })
}

// newError returns the error of a command that left this result behind. The
// cause is nil if flyctl itself says that it failed.
func newError(app string, k call, res Result, cause error) *Error {
	stderr := newRedactor().text(string(end(res.Stderr)))
	first, message := reason(stderr)
	if first == "App configuration is not valid" {
		if list := line(faults(newRedactor().text(visible(string(end(res.Stdout)))))); list != "" {
			message = shorten(message+": "+list, messageLength)
		}
	}
	if why := crashed(stderr); why != "" || cause == nil && first == "" {
		first, message = "", cmp.Or(why, crashed(newRedactor().text(visible(string(end(res.Stdout))))), message)
	}
	e := &Error{App: app, Machine: k.machine, Args: PrintableArgs(k.args), ExitCode: res.ExitCode,
		Stderr: tail(stderr, stderrTail), Message: message, Cause: cause}
	if cause == nil {
		e.Kind = classify(withoutNames(first, append([]string{app}, k.args...)), res.ExitCode)
	} else if i := slices.IndexFunc(allKinds, func(kind error) bool { return errors.Is(cause, kind) }); i >= 0 {
		e.Kind = allKinds[i]
	}
	return e
}
