package fleet

import (
	"slices"
)

// Verb says what a command does.
type Verb string

// The verbs.
const (
	Build    Verb = "build"    // and push an image
	Release  Verb = "release"  // run the release command
	Deploy   Verb = "deploy"   // create the first machine of each group
	Clone    Verb = "clone"    // create one more machine, for a slot
	Start    Verb = "start"    // a machine that the proxy stopped
	Rest     Verb = "rest"     // cordon and stop: a machine that does not run in blue either
	Cordon   Verb = "cordon"   //
	Uncordon Verb = "uncordon" //
	Destroy  Verb = "destroy"  // stop, and destroy: it never could have served
	Drain    Verb = "drain"    // wait until it is idle; then stop, and destroy
	Check    Verb = "check"    // ask the release's own Check
	Record   Verb = "record"   // make a release entry with the old image, after a rollback
)

// Command is one thing to do. What is decided is what runs, what a plan prints
// and what [Apply] understands. Two that are equal are one command.
type Command struct {
	App     string
	Verb    Verb
	Machine string // of a clone: its source
	Slot    Slot   // of a clone; of a deploy the size alone
	Stands  string // of a clone: the machine that it stands in for
	Number  int    // of a clone or a deploy: tells it from others like it
	Groups  string // of a deploy: the groups, with commas; "" is all
}

// Creates reports whether a command creates machines.
func (c Command) Creates() bool { return c.Verb == Deploy || c.Verb == Clone }

// Together parts commands into those that flyctl runs as one. From 20 cordons or uncordons
// of an app on two are, and of 40 or more four: so a release takes seconds less. One that
// must go alone, because somebody has leased its machine, say, goes last.
func Together(run []Command, must func(Command) bool) [][]Command {
	const many, few = 20, 4
	var alone, out [][]Command
	kinds := map[Command][]Command{}
	kind := func(c Command) Command { return Command{App: c.App, Verb: c.Verb} }
	for _, c := range run {
		kinds[kind(c)] = append(kinds[kind(c)], c)
	}
	for _, c := range run {
		all := kinds[kind(c)]
		switch {
		case c.Verb != Cordon && c.Verb != Uncordon || len(all) < many:
			out = append(out, []Command{c})
		case must(c):
			alone = append(alone, []Command{c})
		default:
			last := len(out) - 1
			if last < 0 || kind(out[last][0]) != kind(c) || len(out[last]) == min(few, len(all)/10) {
				out, last = append(out, nil), last+1
			}
			out[last] = append(out[last], c)
		}
	}
	return append(out, alone...)
}

// Apply returns the list as it is when a command has done what it says. Of one
// that creates machines, they are created.
func Apply(l List, c Command, created ...*Machine) List {
	out := slices.Concat(l, created)
	i := slices.IndexFunc(out, func(m *Machine) bool { return m.ID == c.Machine })
	if i < 0 {
		return out
	}
	m := *out[i]
	out[i] = &m
	switch c.Verb {
	case Drain, Destroy:
		if m.Reachable() { // else Fly destroys it when its host answers
			out = slices.Delete(out, i, i+1)
		}
	case Cordon, Uncordon:
		m.Cordoned = c.Verb == Cordon
	case Start:
		m.State = "started"
	case Rest:
		m.State, m.Cordoned = "stopped", true
	}
	return out
}
