package view

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"

	"github.com/flydrain/flydrain/drain"
)

// JSON writes each event to w as one line, a JSON object. Its fields, of which
// those that do not apply are left out:
//
//	time     when, in UTC, as RFC 3339 has it
//	kind     what: the values of drain.Kind, such as "cordoned"
//	app      the app; left out where it is about all apps of a release
//	phase    of "phase-begun" and "phase-ended": check, build, prepare, gate, cutover, drain
//	machine  the machine's id, with its process group and its region in group, region
//	reading  of "connections" and "deadline": {"connections":12}, or {"unknown":"why"}
//	limit    of "connections": with at most so many the machine is idle; left out for 0
//	until    of "connections": the machine's deadline, where it has one
//	took_ns  in nanoseconds: of "phase-ended" how long it was, of "held" how long the
//	         machine could take traffic, of "retry" the wait, of "deadline" the time since its cordon
//	text     in words: a warning, an error, the outcome
//	result   of "outcome", the last line: done, failed, draining, left or person
//
// Names and meanings are stable; fields and kinds may be added. Nothing else is
// written to w, and nothing that moves a terminal's cursor: what is not printable
// is escaped. A failure to write is not reported, as it must not end a release.
func JSON(w io.Writer) func(drain.Event) {
	var mu sync.Mutex
	return func(e drain.Event) {
		e.Time = e.Time.UTC()
		if !e.Until.IsZero() {
			e.Until = e.Until.UTC()
		}
		line, err := json.Marshal(e)
		if err != nil {
			return // it cannot be: an Event has no cycles, channels or odd floats
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, printable(string(line))+"\n")
	}
}

// printable escapes in JSON what encoding/json leaves as it is, and a terminal may not.
func printable(line string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if !strings.ContainsFunc(line, odd) {
		return line
	}
	var b strings.Builder
	for _, r := range line {
		switch {
		case !odd(r):
			b.WriteRune(r)
		default:
			for _, half := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, `\u%04x`, half)
			}
		}
	}
	return b.String()
}
