package drain

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/flydrain/flydrain/drain/probe"
)

func TestAtDeadlineNeedsADeadline(t *testing.T) {
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	apply := (&Release{}).Flags(fs)
	err := errors.Join(fs.Parse([]string{"-app", "my-app", "-at-deadline", "stop"}), apply(nil))
	if err == nil || err.Error() != "-at-deadline needs -deadline" {
		t.Error(err)
	}
}

func TestProbesOfFlagsAreSharedByAllApps(t *testing.T) {
	release := &Release{}
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	apply := release.Flags(fs)
	err := errors.Join(fs.Parse([]string{"-app", "a", "-app", "b", "-probe", "exec=x", "-probe-workers", "exec=y"}), apply(nil))
	if err != nil || len(release.Apps) != 2 {
		t.Fatal(err, release.Apps)
	}
	services, workers := probe.Exec{Command: "x"}, probe.Exec{Command: "y"}
	all, err := release.resolved()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all.Apps {
		if a.Probe != services || a.WorkerProbe != workers {
			t.Errorf("%s: %v %v", a.Name, a.Probe, a.WorkerProbe)
		}
	}
}

func TestGroupsAreOfTheAppTheyNameElseWrongUsage(t *testing.T) {
	for line, want := range map[string][]string{ // the groups of each app, or the error
		"-app a -groups web":                              {"web"},
		"-app a -groups web,worker":                       {"web,worker"},
		"-app a -app b -groups b=web,worker -lose-config": {"", "web,worker"},
		"-app a -app b -groups a=web -groups b=x":         {"web", "x"},
		"-app a -lose-config":                             {""},
		"-app a -app b -groups web":                       {"-groups: wrong usage: several apps given: write NAME=web"},
		"-app a -groups b=web":                            {"b=web: no -app of that name"},
		"-app a -groups web -groups a=worker":             {"-groups: wrong usage: given twice for a"},
		"-app a -groups web,,worker":                      {`wrong usage: invalid process group "": want letters, digits, dots, dashes and underscores`},
		"-app a -groups=":                                 {`invalid value "" for flag -groups: want [NAME=]VALUE`},
	} {
		release, fs := &Release{}, flag.NewFlagSet("deploy", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		apply := release.Flags(fs)
		err := fs.Parse(strings.Fields(line))
		if err == nil {
			err = apply(nil)
		}
		got := []string{}
		for _, a := range release.Apps {
			got = append(got, strings.Join(a.Groups, ","))
		}
		if err != nil {
			got = []string{err.Error()}
		}
		if !slices.Equal(got, want) || release.LoseConfig != strings.Contains(line, "-lose-config") {
			t.Errorf("%s: %q, %v", line, got, release.LoseConfig)
		}
	}
}
