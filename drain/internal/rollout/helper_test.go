package rollout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// TestMain gives memory for time: to explore states makes much garbage.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

var failures = map[string]error{
	"transient": flyctl.ErrTransient, "rate": flyctl.ErrRateLimited, "lease": flyctl.ErrLeaseHeld, "state": flyctl.ErrMachineState,
	"missing": flyctl.ErrMachineNotFound, "interrupted": flyctl.ErrInterrupted, "image": flyctl.ErrImageNotFound,
	"canceled": context.Canceled, "no": errors.New("no"),
}

func describe(d Decision, now time.Time) string {
	text := d.Row
	if d.Fail {
		text += " fail"
	}
	if d.Done != None {
		text += " " + cmp.Or(map[Result]string{Reached: "reached", Undone: "undone"}[d.Done], string(d.Done))
	}
	if run := commands(d.Run); run != "" {
		text += " " + run
	}
	if cancel := commands(d.Cancel); cancel != "" {
		text += " cancel " + cancel
	}
	if !d.Until.IsZero() {
		text += fmt.Sprintf(" for %v", d.Until.Sub(now))
	}
	return text
}

// commands writes some commands, sorted, those of one verb together.
func commands(run []fleet.Command) string {
	var texts []string
	for _, c := range run {
		text := string(c.Verb)
		if c.Creates() {
			text += fmt.Sprintf("#%d", c.Number)
		}
		if c.App != "one" && c.App != "" {
			text = c.App + "/" + text
		}
		for _, word := range []string{c.Machine, c.Groups, c.Slot.Group, c.Slot.Region} {
			if word != "" {
				text += " " + word
			}
		}
		if c.Slot.Standby {
			text += " standby-of " + c.Stands
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	var out []string
	last := ""
	for _, text := range texts {
		verb, rest, _ := strings.Cut(text, " ")
		if verb == last && rest != "" {
			out[len(out)-1] += " " + rest
			continue
		}
		out, last = append(out, text), verb
	}
	return strings.Join(out, ", ")
}
