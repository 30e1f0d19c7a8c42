package drain

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Plan says step by step what an operation would do, as far as the machine list shows.
// It assumes that all green machines become healthy, and all draining ones idle.
// Machines that do not exist yet are called green1, green2, …, and an image that is not
// built yet is called IMAGE.
type Plan struct {
	Apps     []AppPlan  `json:"apps"`
	Steps    []PlanStep `json:"steps"`
	Warnings []string   `json:"warnings,omitempty"` // of the check
}

// AppPlan is an app as the plan found it, and how it would leave it.
type AppPlan struct {
	App      string   `json:"app"`
	Blue     []string `json:"blue"`              // the machines that serve, or are not cordoned
	Draining []string `json:"draining"`          // the machines that are cordoned already
	Green    int      `json:"green"`             // how many machines would be created and kept
	Reasons  []string `json:"reasons,omitempty"` // such as "2 of app in lhr: blue has 2"
}

// PlanStep is one decision: commands that run side by side, or a wait.
type PlanStep struct {
	Phase    Phase            `json:"phase"`
	Why      string           `json:"why"`
	Wait     float64          `json:"wait,omitempty"` // seconds
	Commands []PlannedCommand `json:"commands,omitempty"`
}

// PlannedCommand is a flyctl command that changes something. The values of --env,
// --build-arg and the like are hidden: they are the user's, and may be secret.
type PlannedCommand struct {
	App  string   `json:"app"`
	Dir  string   `json:"dir,omitempty"` // the folder to run it in, where that matters
	Args []string `json:"args"`
}

// Script returns the plan as a shell script for reading. It leaves out the waits for
// healthy and for idle machines, which are what a release is for.
func (p Plan) Script() string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# For reading only: if you run it, it waits neither for health nor for connections.\n")
	for _, a := range p.Apps {
		fmt.Fprintf(&b, "\n# %s: %d machines serve, %d drain; %d will be created\n", a.App, len(a.Blue), len(a.Draining), a.Green)
		for _, reason := range a.Reasons {
			fmt.Fprintf(&b, "#   %s\n", reason)
		}
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "\n# warning: %s\n", w)
	}
	for _, s := range p.Steps {
		if len(s.Commands) == 0 && s.Wait == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n# %s: %s\n", s.Phase, s.Why)
		for _, c := range s.Commands {
			line := quote(append([]string{"flyctl"}, c.Args...)...)
			if c.Dir != "" {
				line = "(cd " + quote(c.Dir) + " && " + line + ")"
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// quote writes arguments as a shell takes them.
func quote(args ...string) string {
	out := make([]string, len(args))
	for i, arg := range args {
		out[i], _ = syntax.Quote(arg, syntax.LangBash) // fails for NUL, which no argument can have
	}
	return strings.Join(out, " ")
}
