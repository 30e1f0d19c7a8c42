package draintest

import (
	"encoding/json"
	"slices"
	"strings"
)

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
	if w.Commands = append(w.Commands, r); w.LogSize > 0 && len(w.Commands) >= 2*w.LogSize { // now and then
		w.Commands = slices.Clone(w.Commands[w.LogSize:])
	}
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
	for _, r := range slices.Backward(w.Commands) {
		if r.ID == id {
			r.End, r.Exit = w.Now, exit
			return
		}
	}
}

// printed is a value as flyctl prints it as JSON.
func printed(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "    ")
	return append(data, '\n'), err
}
