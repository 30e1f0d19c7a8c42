package flyctl

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// Bytes.
const (
	talkKept      = 2 * stderrEnd // of the end of a build or a deploy, by a Runner: more than is looked at
	stderrEnd     = 64 << 10      // of the end that is looked at
	stderrTail    = 4 << 10       // of the end that is kept in an Error
	messageLength = 500
	longArg       = 80  // a thousand excluded machines would bury the reason
	longCommand   = 120 // and so would twenty flags: Error.Args has them all
)

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
