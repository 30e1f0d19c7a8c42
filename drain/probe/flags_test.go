package probe

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestProbeFlagsMakeTheProbesThatTheyName(t *testing.T) {
	for line, want := range map[string]string{
		"":                             "<nil> <nil>",
		"-probe sockets":               "{} <nil>",
		"-probe exec=redis-cli":        "{redis-cli } <nil>",
		"-probe exec=count=all":        "{count=all } <nil>",
		"-probe sockets -probe exec=x": "[{} {x }] <nil>",
		"-prometheus https://prom.test -probe prometheus -probe sockets": "[https://prom.test {}] <nil>",
		"-probe prometheus -prometheus https://prom.test/":               "https://prom.test/ <nil>",
		"-probe-workers exec=jobs":                                       "<nil> {jobs }",
		"-probe-workers exec=jobs -probe-workers exec=mails":             "<nil> [{jobs } {mails }]",

		"-probe-container web": "{web} <nil>",
		"-probe-container web -probe exec=x -probe-workers exec=jobs": "{x web} {jobs web}",

		"-probe prometheus -prometheus https://prom.test -prometheus-max-age 90s": "https://prom.test 1m30s <nil>",

		"-probe netstat":                     `unknown probe "netstat"`,
		"-probe sockets=8080":                `unknown probe "sockets=8080"`,
		"-probe exec":                        "want exec=CMD",
		"-probe exec=":                       "want exec=CMD",
		"-probe exec=-x":                     "cannot run",
		"-probe-workers sockets":             "want exec=CMD",
		"-probe prometheus":                  "-probe prometheus: no organisation for the metrics",
		"-probe prometheus -prometheus prom": "must be like https",
		"-prometheus-max-age 1m":             "need -probe prometheus",
		"-prometheus-max-age -1m -probe prometheus -prometheus https://prom.test": "not be negative",
		"-probe-container a;b":                                             "invalid container name",
		"-probe-container -x -probe exec=x":                                "invalid container name",
		"-prometheus https://prom.test":                                    "need -probe prometheus",
		"-probe prometheus -prometheus https://api.fly.io/prometheus/acme": "no token",
	} {
		t.Run(line, func(t *testing.T) {
			for _, name := range []string{"FLY_ORG", "FLY_PROMETHEUS_URL", "FLY_API_TOKEN", "FLY_ACCESS_TOKEN"} {
				t.Setenv(name, "")
			}
			fs := flag.NewFlagSet("deploy", flag.ContinueOnError)
			fs.SetOutput(io.Discard)
			probes := Flags(fs)
			err := fs.Parse(strings.Fields(line))
			var services, workers Probe
			if err == nil {
				services, workers, err = probes()
			}
			got := inWords(services) + " " + inWords(workers)
			if err != nil {
				got = err.Error()
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
		if p.MaxAge > 0 {
			return p.URL + " " + p.MaxAge.String()
		}
		return p.URL
	case Highest:
		var all []string
		for _, one := range p {
			all = append(all, inWords(one))
		}
		return fmt.Sprint(all)
	}
	return fmt.Sprint(p)
}
