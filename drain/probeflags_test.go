package drain

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestFlagsOfProbes(t *testing.T) {
	for line, want := range map[string]string{
		"":                             "<nil> <nil>",
		"-probe sockets":               "{} <nil>",
		"-probe exec=redis-cli":        "{redis-cli} <nil>",
		"-probe exec=count=all":        "{count=all} <nil>",
		"-probe sockets -probe exec=x": "[{} {x}] <nil>",
		"-prometheus https://prom.test -probe prometheus -probe sockets": "[https://prom.test {}] <nil>",
		"-probe prometheus -prometheus https://prom.test/":               "https://prom.test/ <nil>",
		"-probe-workers exec=jobs":                                       "<nil> {jobs}",
		"-probe-workers exec=jobs -probe-workers exec=mails":             "<nil> [{jobs} {mails}]",

		"-probe netstat":                     `no probe is called "netstat"`,
		"-probe sockets=8080":                `no probe is called "sockets=8080"`,
		"-probe exec":                        "want exec=CMD",
		"-probe exec=":                       "want exec=CMD",
		"-probe exec=-x":                     "cannot run",
		"-probe-workers sockets":             "want exec=CMD",
		"-probe prometheus":                  "-probe prometheus: the metrics of which organisation?",
		"-probe prometheus -prometheus prom": "must be like https",
		"-prometheus https://prom.test":      "-prometheus is of no use without -probe prometheus",
		"-at-deadline stop":                  "-at-deadline is of no use without -deadline",
		"-probe prometheus -prometheus https://api.fly.io/prometheus/acme": "no token",
	} {
		t.Run(line, func(t *testing.T) {
			for _, name := range []string{"FLY_ORG", "FLY_PROMETHEUS_URL", "FLY_API_TOKEN", "FLY_ACCESS_TOKEN"} {
				t.Setenv(name, "")
			}
			release := &Release{}
			fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
			fs.SetOutput(io.Discard)
			apply := release.Flags(fs)
			err := fs.Parse(append([]string{"-app", "my-app"}, strings.Fields(line)...))
			if err == nil {
				err = apply(fs.Args())
			}
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = inWords(release.Apps[0].Probe) + " " + inWords(release.Apps[0].WorkerProbe)
			}
			if err == nil && got != want || err != nil && !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func inWords(p Probe) string {
	switch p := p.(type) {
	case Prometheus:
		return p.URL
	case Probes:
		var all []string
		for _, one := range p {
			all = append(all, inWords(one))
		}
		return fmt.Sprint(all)
	}
	return fmt.Sprint(p)
}

func TestProbesOfFlagsAreSharedByAllApps(t *testing.T) {
	release := &Release{}
	fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
	apply := release.Flags(fs)
	err := errors.Join(fs.Parse([]string{"-app", "a", "-app", "b", "-probe", "exec=x", "-probe-workers", "exec=y"}), apply(nil))
	if err != nil || len(release.Apps) != 2 {
		t.Fatal(err, release.Apps)
	}
	for _, a := range release.Apps {
		if inWords(a.Probe) != "{x}" || inWords(a.WorkerProbe) != "{y}" {
			t.Errorf("%s: %v %v", a.Name, a.Probe, a.WorkerProbe)
		}
	}
}
