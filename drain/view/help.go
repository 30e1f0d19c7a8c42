package view

import (
	"cmp"
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

// helpGroups are the flags of a release and of [Auto] by what they are about, in the
// order in which Help lists them. Other flags are a script's own, and come first.
var helpGroups = []helpGroup{
	{"what to release", []string{"app", "image", "config", "first", "allow-unreachable"}},
	{"when to move traffic", []string{"health-timeout", "smoke", "check", "propagation", "bake", "background"}},
	{"how patiently to drain", []string{"probe", "probe-workers", "probe-container", "prometheus", "soft-limit", "settle", "poll", "confirm", "deadline", "at-deadline", "list-every"}},
	{"output", []string{"json", "summary", "v", "version"}},
}

// Help writes the flags of a flag set, one a line, grouped by what they are about.
func Help(w io.Writer, fs *flag.FlagSet) {
	groups := map[string][]*flag.Flag{}
	width := 0
	fs.VisitAll(func(f *flag.Flag) {
		title := "what to do"
		for _, g := range helpGroups {
			if slices.Contains(g.flags, f.Name) {
				title = g.title
			}
		}
		groups[title] = append(groups[title], f)
		width = max(width, len(flagHead(f)))
	})
	for _, g := range append([]helpGroup{{title: "what to do"}}, helpGroups...) {
		slices.SortStableFunc(groups[g.title], func(a, b *flag.Flag) int {
			return cmp.Compare(slices.Index(g.flags, a.Name), slices.Index(g.flags, b.Name))
		})
		if len(groups[g.title]) > 0 {
			fmt.Fprintf(w, "\n%s:\n", g.title)
		}
		for _, f := range groups[g.title] {
			name, text := flag.UnquoteUsage(f)
			fmt.Fprintf(w, "  %-*s  %s\n", width, flagHead(f), strings.TrimPrefix(text, name+": "))
		}
	}
}

// flagHead returns a flag with the name of its value: "-poll D".
func flagHead(f *flag.Flag) string {
	name, _ := flag.UnquoteUsage(f)
	return strings.TrimSpace("-" + f.Name + " " + name)
}
