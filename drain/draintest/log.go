package draintest

import (
	"encoding/json"
	"strings"
	"time"
)

// ran is a command that was run.
type ran struct {
	ID    int       `json:"id"`
	Name  string    `json:"name"` // "machine cordon"
	Args  []string  `json:"args"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"`
	Exit  int       `json:"exit"` // -1 while it runs
	Other bool      `json:"other,omitempty"`
}

// String is the command line.
func (r *ran) String() string { return strings.Join(r.Args, " ") }

// Lines returns the command lines that were run and begin with a prefix, "" for all.
func (w *World) Lines(prefix string) []string {
	var lines []string
	for _, r := range w.Commands {
		if line := r.String(); strings.HasPrefix(line, prefix) {
			lines = append(lines, line)
		}
	}
	return lines
}

func (w *World) begin(name string, args []string, other bool) int {
	r := &ran{ID: w.next(), Name: name, Args: args, Start: w.Now, Exit: -1, Other: other}
	w.Commands = keep(append(w.Commands, r), w.LogSize)
	w.Counts[name]++
	for _, k := range []string{name, ""} {
		w.Running[k]++
		w.Most[k] = max(w.Most[k], w.Running[k])
	}
	return r.ID
}

func (w *World) finish(id, exit int, name string) {
	w.Running[name]--
	w.Running[""]--
	for i := len(w.Commands) - 1; i >= 0; i-- {
		if r := w.Commands[i]; r.ID == id {
			r.End, r.Exit = w.Now, exit
			return
		}
	}
}

// keep bounds a log: when it is twice as long as it may be, the older half goes.
func keep[T any](log []T, size int) []T {
	if size <= 0 || len(log) < 2*size {
		return log
	}
	return append([]T(nil), log[len(log)-size:]...)
}

// printed is a value as flyctl prints it as JSON.
func printed(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "    ")
	return append(data, '\n'), err
}
