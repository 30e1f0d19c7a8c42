package flyctl

import (
	"bytes"
	"sync"
	"unicode"
)

const (
	lineRead = 64 << 10 // bytes of a line that are looked at
	lineLong = 2 << 10  // bytes of a line that a listener gets
)

// lines passes on what is written to it line by line. A carriage return ends a
// line too: progress bars are drawn with it.
type lines struct {
	mu     *sync.Mutex // shared by the two streams of a command
	tell   func(line string)
	redact redactor
	line   []byte // the one that has not ended
	long   bool   // it has been passed on as far as it is looked at
}

// Write implements [io.Writer]. It never fails.
func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, ended := p, false
		if i := bytes.IndexAny(p, "\r\n"); i >= 0 {
			part, p, ended = p[:i], p[i+1:], true
		} else {
			p = nil
		}
		if !l.long {
			l.line = append(l.line, part[:min(len(part), lineRead+1-len(l.line))]...)
		}
		switch {
		case ended:
			l.end()
		case !l.long && len(l.line) > lineRead:
			l.pass()
			l.long = true
		}
	}
	return n, nil
}

// end passes on the line, unless it was too long and has been passed on.
func (l *lines) end() {
	if !l.long {
		l.pass()
	}
	l.long = false
}

func (l *lines) pass() {
	line := l.line
	if len(line) > lineRead { // cut at a blank, lest half a token stay
		line = append(line[:bytes.LastIndexFunc(line, unicode.IsSpace)+1], "…"...)
	}
	l.line = l.line[:0]
	if text := l.redact.printable(string(line)); text != "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tell(shorten(text, lineLong))
	}
}

// ending keeps the last bytes that are written to it.
type ending struct {
	most int // how many; 0 is all
	data []byte
}

// Write implements [io.Writer]. It never fails.
func (e *ending) Write(p []byte) (int, error) {
	e.data = append(e.data, p...)
	if e.most > 0 && len(e.data) > 2*e.most {
		e.data = append(e.data[:0], e.bytes()...)
	}
	return len(p), nil
}

func (e *ending) bytes() []byte {
	if e.most == 0 {
		return e.data
	}
	return e.data[max(0, len(e.data)-e.most):]
}
