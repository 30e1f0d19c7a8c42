package view

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// JSON returns a listener that writes each event to w as one line, a JSON object. A
// field that does not apply is left out:
//
//	time     when, in UTC, as in RFC 3339
//	kind     what happened: a value of drain.EventKind, such as "cordoned"
//	phase    of "phase-begun" and "phase-ended": check, build, prepare, gate, cutover, drain or undo
//	app      the app; left out where it is about all apps of a release
//	machine  the machine's id
//	group    the machine's process group
//	region   the machine's region
//	reading  of "connections" and "deadline": {"connections":12}, or {"unknown":"why"}
//	limit    of "connections": with at most so many the machine is idle; left out for 0
//	until    of "connections": the machine's deadline; of "waiting": its end
//	result   of "outcome", the last line: done, failed, usage, draining, left or person
//	output   of "output": one line that a build, a release command or a deploy printed, or of a machine's log
//	why      in words: the reason, a warning, an error, or how it ended; of "cordoned", that
//	         the machine is a green one too many, which is destroyed
//	took     in seconds: of "phase-ended" how long it was, of "held" how long the machine
//	         was uncordoned, of "retry" the wait, of "deadline" the time since the cordon
//
// Names and meanings are stable; fields and kinds may be added. Nothing else is
// written to w. A failure to write is not reported: it must not end a release.
func JSON(w io.Writer) func(drain.Event) {
	var mu sync.Mutex
	w = flyctl.Printer(w)
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
		_, _ = w.Write(append(line, '\n'))
	}
}
