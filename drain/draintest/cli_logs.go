package draintest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// logs prints what a machine has logged, as flyctl does. While there is nothing it asks
// again, for ever.
func (s *session) logs() error {
	id := s.text("machine")
	var lines []string
	err := s.callApp("logs", func(w *World, _ *App) error {
		if m := w.Machines[id]; m != nil && m.App == s.app { // the logs of others are not asked for
			lines = m.logged()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(lines) == 0 || !s.on("no-tail") {
		<-s.ctx.Done()
		return errInterrupted
	}
	_, err = fmt.Fprint(s.out, strings.Join(lines, ""))
	return err
}

// logged is what its host and its program have logged, the oldest first.
func (m *Machine) logged() (lines []string) {
	for _, e := range slices.Backward(m.Events) {
		from, text := "", ""
		switch {
		case e.Type == "start":
			from, text = "runner", "Machine started in 412ms"
		case e.Type == "exit" && m.Failed:
			from, text = "app", " INFO Main child exited normally with code: 1"
		default:
			continue
		}
		at := time.UnixMilli(e.Timestamp).UTC().Format(time.RFC3339)
		lines = append(lines, fmt.Sprintf("%s %s[%s] %s [info]%s\n", at, from, m.ID, m.Region, text))
	}
	return lines
}
