package view_test

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func TestHelpListsEachFlagOnceInAGroup(t *testing.T) {
	var release drain.Release
	var show view.Auto
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	release.Flags(fs)
	show.Flags(fs)
	fs.Bool("dance", false, "dance until the `music` stops")
	var b strings.Builder
	view.Help(&b, fs)
	fs.VisitAll(func(f *flag.Flag) {
		if n := len(regexp.MustCompile(`(?m)^  -`+f.Name+`\b[^-]`).FindAllString(b.String(), -1)); n != 1 {
			t.Errorf("-%s is listed %d times", f.Name, n)
		}
	})
	own, rest, _ := strings.Cut(b.String(), "\nwhat to release:\n")
	if !regexp.MustCompile(`^\nwhat to do:\n  -dance music +dance until the music stops\n$`).MatchString(own) {
		t.Errorf("a group is missing for a flag of drain or view:\n%s", own)
	}
	for _, line := range []string{"\nwhen to move traffic:\n", "\nhow patiently to drain:\n", "\noutput:\n"} {
		if !strings.Contains(rest, line) {
			t.Errorf("no %q in\n%s", line, rest)
		}
	}
}
