package view

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

type helpGroup struct {
	title string
	flags []string
}

// helpGroups are the flags of a release and of [Auto], in the order in which Help lists
// them. The first group gets the flags that are a program's own.
var helpGroups = []helpGroup{
	{title: "what to do"},
	{"what to release", []string{"app", "image", "config", "groups", "first", "allow-unreachable", "lose-config", "max-draining"}},
	{"when to move traffic", []string{"health-timeout", "smoke", "check", "propagation", "bake", "background"}},
	{"how patiently to drain", []string{"probe", "probe-workers", "probe-container", "prometheus", "prometheus-max-age", "limit", "settle", "poll", "confirm",
		"on-drain", "on-drain-container", "deadline", "at-deadline", "stop-pause", "list-every"}},
	{"output", []string{"json", "summary", "v", "version"}},
}

// Help writes the flags of a flag set, one a line, grouped by what they are about.
func Help(w io.Writer, fs *flag.FlagSet) {
	groups, width := slices.Clone(helpGroups), 0
	fs.VisitAll(func(f *flag.Flag) {
		width = max(width, len(flagHead(f)))
		if !slices.ContainsFunc(groups, func(g helpGroup) bool { return slices.Contains(g.flags, f.Name) }) {
			groups[0].flags = append(groups[0].flags, f.Name)
		}
	})
	for _, g := range groups {
		title := "\n" + g.title + ":\n"
		for _, name := range g.flags {
			if f := fs.Lookup(name); f != nil {
				value, text := flag.UnquoteUsage(f)
				fmt.Fprintf(w, "%s  %-*s  %s\n", title, width, flagHead(f), strings.TrimPrefix(text, value+": "))
				title = ""
			}
		}
	}
}

// flagHead returns a flag with the name of its value: "-poll D".
func flagHead(f *flag.Flag) string {
	value, _ := flag.UnquoteUsage(f)
	return strings.TrimSpace("-" + f.Name + " " + value)
}
