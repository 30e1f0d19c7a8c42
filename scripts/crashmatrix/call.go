package main

import (
	"fmt"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// call is a flyctl call that a run makes. Calls of one moment come in any order, so a
// call is identified by its app, its command, and its number among those.
type call struct {
	app     string
	command string
	ordinal int
}

func (c call) String() string { return fmt.Sprintf("%s #%d of %s", c.command, c.ordinal, c.app) }

// step is a call as a run makes it.
type step struct {
	call
	phase   drain.Phase
	index   int // among all calls of the run, from 1
	creates int // how many machines it makes
}

// command is a command's name: "deploy", "machine cordon".
func command(cmd flyctl.Command) string {
	if a := cmd.Args; len(a) > 1 && (a[0] == "machine" || a[0] == "config") {
		return a[0] + " " + a[1]
	}
	return cmd.Args[0]
}

// target is the machine that a command is about, "" for the others.
func target(cmd flyctl.Command) string {
	if a := cmd.Args; len(a) > 2 && a[0] == "machine" && !strings.HasPrefix(a[2], "-") {
		return a[2]
	}
	return ""
}
