package flyctl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"unicode"
)

// decode reads an answer in JSON. It shows no more of a wrong one than its first
// words, and nothing of what can hold an environment.
func decode[T any](res Result) (T, error) {
	var answer, none T
	data := bytes.TrimSpace(res.Stdout)
	err := json.Unmarshal(data, &answer)
	switch {
	case err == nil && string(data) != "null":
		return answer, nil
	case err == nil:
		err = errors.New("it is null")
	case len(data) > 0 && data[0] != '{' && data[0] != '[':
		err = fmt.Errorf("%w: %s", err, excerpt(string(data)))
	}
	return none, fmt.Errorf("%w: want an answer in JSON: %w", ErrBadOutput, err)
}

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
	trace  bool   // within a trace of Go's, which is not passed on
	line   []byte // the one that has not ended: what is looked at, and a byte more
}

// Write implements [io.Writer]. It never fails.
func (l *lines) Write(p []byte) (int, error) {
	rest := p
	for {
		i := bytes.IndexAny(rest, "\r\n")
		if i < 0 {
			l.add(rest)
			return len(p), nil
		}
		l.add(rest[:i])
		l.end()
		rest = rest[i+1:]
	}
}

func (l *lines) add(part []byte) {
	l.line = append(l.line, part[:min(len(part), lineRead+1-len(l.line))]...)
}

// end passes on the line.
func (l *lines) end() {
	line := l.line
	if len(line) > lineRead { // cut at a blank, lest half a token stay
		line = append(line[:bytes.LastIndexFunc(line, unicode.IsSpace)+1], "…"...)
	}
	l.line = l.line[:0]
	text := l.redact.printable(string(line))
	if l.trace = text != "" && (l.trace || goroutine.MatchString(text)); text != "" && !l.trace {
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
	if e.data = append(e.data, p...); e.most > 0 && len(e.data) > 2*e.most {
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
