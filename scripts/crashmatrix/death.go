package main

import (
	"fmt"
	"slices"
	"time"
)

// death is where and how a run ends.
type death struct {
	call   call
	moment moment
	killed bool // SIGKILL; else SIGINT or SIGTERM, which are one to flyctl and to us
}

func (d death) String() string {
	how := "interrupted"
	if d.killed {
		how = "killed"
	}
	return fmt.Sprintf("%s %s %s", how, d.moment, d.call)
}

// moment is when in a call a run dies.
type moment struct {
	name   string        // before, in or after it
	effect string        // in it: the API call that has taken effect, and is not reported
	nth    int           // of several such, from 1
	late   time.Duration // flyctl outlives the run, and its API call comes so late
}

var (
	before = moment{name: "before"}
	after  = moment{name: "after"}
)

func (m moment) String() string {
	switch {
	case m.late > 0:
		return fmt.Sprintf("%v before API call %s #%d in", m.late, m.effect, m.nth)
	case m.effect != "":
		return fmt.Sprintf("after API call %s #%d in", m.effect, m.nth)
	}
	return m.name
}

// effects are the API calls of a command that leave something behind.
var effects = map[string][]moment{
	"deploy":           {in("entry", 1), in("create", 1), in("create", 2)},
	"machine clone":    {in("create", 1)},
	"machine cordon":   {in("lease", 1), in("cordon", 1)},
	"machine uncordon": {in("lease", 1), in("uncordon", 1)},
	"machine start":    {in("lease", 1), in("start", 1)},
	"machine stop":     {in("lease", 1), in("stop", 1)},
	"machine destroy":  {in("lease", 1), in("destroy", 1)},
}

func in(effect string, nth int) moment { return moment{name: "in", effect: effect, nth: nth} }

// lateness is how late a machine comes that an outliving flyctl makes: while the
// next run checks, prepares, cuts over, and drains.
var lateness = []time.Duration{time.Second, 4 * time.Second, 12 * time.Second, 30 * time.Second}

// changes reports whether a call leaves something behind.
func (s step) changes() bool { return len(effects[s.command]) > 0 }

// middle are the moments within a call.
func (s step) middle() []moment {
	return slices.DeleteFunc(slices.Clone(effects[s.command]), func(m moment) bool {
		return m.effect == "create" && m.nth > s.creates
	})
}

// deaths are all ways to die in a call.
func (s step) deaths() []death {
	var all []death
	for _, killed := range []bool{true, false} {
		for _, m := range slices.Concat([]moment{before}, s.middle(), []moment{after}) {
			all = append(all, death{s.call, m, killed})
		}
	}
	for _, m := range s.middle() {
		for _, m.late = range lateness {
			if m.effect == "create" {
				all = append(all, death{s.call, m, true})
			}
		}
	}
	return all
}

// kills are the ways to be killed a second time that differ most in what they
// leave behind: the call has taken effect, and its machine is still leased.
func (s step) kills() []death {
	var all []death
	for _, m := range s.middle() {
		all = append(all, death{s.call, m, true})
	}
	return all
}
