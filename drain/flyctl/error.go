package flyctl

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What went wrong, if that is known. Test for them with [errors.Is].
var (
	ErrUsage           = errors.New("wrong usage")
	ErrNotInstalled    = errors.New("flyctl is not installed")
	ErrTooOld          = errors.New("flyctl is too old")
	ErrUnauthorized    = errors.New("not authorised")
	ErrAppNotFound     = errors.New("no such app")
	ErrMachineNotFound = errors.New("no such machine")
	ErrMachineState    = errors.New("the machine's state does not allow it")
	ErrImageNotFound   = errors.New("no such image")
	ErrNoConfig        = errors.New("no usable fly.toml")
	ErrLeaseHeld       = errors.New("the machine is leased to somebody else")
	ErrRateLimited     = errors.New("too many requests")
	ErrTransient       = errors.New("a fault that may pass")
	ErrInterrupted     = errors.New("flyctl was interrupted, and not by us")
	ErrBadOutput       = errors.New("flyctl's output cannot be read")
)

var allKinds = []error{ErrUsage, ErrNotInstalled, ErrTooOld, ErrUnauthorized, ErrAppNotFound, ErrMachineNotFound, ErrMachineState,
	ErrImageNotFound, ErrNoConfig, ErrLeaseHeld, ErrRateLimited, ErrTransient, ErrInterrupted, ErrBadOutput}

// advice says what a person can do about an error.
var advice = map[error]string{
	ErrUnauthorized: "set FLY_API_TOKEN to a token that may deploy this app (fly tokens create deploy), or run fly auth login",
	ErrAppNotFound:  "check the app's name, and that the token is for its organisation",
	ErrLeaseHeld:    "another deploy is at work, or one that died left its lease: leases expire within minutes",
}

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

// Bytes.
const (
	talkKept      = 2 * stderrEnd // of the end of a build or a deploy, by a Runner: more than is looked at
	stderrEnd     = 64 << 10      // of the end that is looked at
	stderrTail    = 4 << 10       // of the end that is kept in an Error
	messageLength = 500
	longArg       = 80  // a thousand excluded machines would bury the reason
	longCommand   = 120 // and so would twenty flags: Error.Args has them all
)

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

// end returns what is looked at of a long talk: a build's can have megabytes.
// It begins after a blank, lest half a token stay.
func end(stderr []byte) []byte {
	if len(stderr) <= stderrEnd {
		return stderr
	}
	stderr = stderr[len(stderr)-stderrEnd:]
	return stderr[bytes.IndexFunc(stderr, unicode.IsSpace)+1:]
}

// reason finds flyctl's own "Error: …" in what it printed: the last one, as
// the commands that a build runs print such lines too. It returns the first line,
// which shows the kind, and all of it on one line: the rest shows where a
// fly.toml cannot be parsed.
func reason(stderr string) (first, all string) {
	const mark = "Error: "
	at := strings.LastIndex("\n"+stderr, "\n"+mark)
	if at < 0 {
		return "", ""
	}
	text := query.ReplaceAllString(stderr[at+len(mark):], "failed to run query: ")
	first, _, _ = strings.Cut(text, "\n")
	return strings.TrimSpace(first), shorten(line(text), messageLength)
}

// goroutine begins a part of a Go program's trace, up to an empty line.
var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ .*\]:$`)

// crash begins what is said before a trace: by Go, or by flyctl when it panics.
var crash = regexp.MustCompile(`(?m)^(panic: |fatal error: |Oops, something went wrong!.*\n+)(.*)$`)

// crashed returns that flyctl itself crashed, and how, if a text says so.
func crashed(text string) string {
	at := goroutine.FindStringIndex(text)
	if at == nil {
		return ""
	}
	why := "flyctl crashed"
	if said := crash.FindAllStringSubmatch(text[:at[0]], -1); said != nil {
		why += ": " + said[len(said)-1][2]
	}
	return shorten(line(why), messageLength) + ": this is a bug of flyctl: try another version of it"
}

// faults returns what a deploy lists on standard output of a fly.toml that is not valid.
func faults(stdout string) string {
	_, list, _ := strings.Cut(stdout, "Validating ") // and the file's name
	_, list, _ = strings.Cut(list, "\n")
	return list
}

// query is the GraphQL query that flyctl prints before the reason, on one line.
var query = regexp.MustCompile(`failed to run query .*\}: `)

// line puts a text on one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// tail returns the last n bytes of a text at most, between characters.
func tail(s string, n int) string { return strings.ToValidUTF8(s[max(0, len(s)-n):], "") }
