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

// JSON returns a listener that writes each event to w as one line, a JSON object. A
// field that does not apply is left out:
//
//	time     when, in UTC, as in RFC 3339
//	kind     what happened: a value of drain.EventKind, such as "cordoned"
//	phase    of "phase-begun" and "phase-ended": check, build, prepare, gate, cutover or drain
//	app      the app; left out where it is about all apps of a release
//	machine  the machine's id
//	group    the machine's process group
//	region   the machine's region
//	reading  of "connections" and "deadline": {"connections":12}, or {"unknown":"why"}
//	limit    of "connections": with at most so many the machine is idle; left out for 0
//	until    of "connections": the machine's deadline; of "baking" and "waiting": its end
//	result   of "outcome", the last line: done, failed, usage, draining, left or person
//	output   of "output": one line that a build, a release command or a deploy printed
//	why      in words: the reason, a warning, an error, or how it ended
//	took     in seconds: of "phase-ended" how long it was, of "held" how long the machine
//	         was uncordoned, of "retry" the wait, of "deadline" the time since the cordon
//
// Names and meanings are stable; fields and kinds may be added. Nothing else is
// written to w. Characters that are not printable are escaped, so no text can move a
// terminal's cursor. A failure to write is not reported: it must not end a release.
func JSON(w io.Writer) func(drain.Event) {
	var mu sync.Mutex
	return func(e drain.Event) {
		e.Time = e.Time.UTC()
		if !e.Until.IsZero() {
			e.Until = e.Until.UTC()
		}
		line, err := json.Marshal(e)
		if err != nil {
			return // cannot happen: an Event has no cycle, channel or infinite number
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, escape(string(line))+"\n")
	}
}

// escape escapes what encoding/json leaves as it is and a terminal acts on.
func escape(line string) string {
	var b strings.Builder
	for _, r := range line {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, half := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, half)
		}
	}
	return b.String()
}
