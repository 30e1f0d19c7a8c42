package drain

import (
	"errors"
	"flag"
	"io"
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
