package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestTheREADMEsTableIsTheReports(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile("report.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, way := range map[string]string{
		"the forum thread's commands":              "the thread's commands",
		"bluegreen":                                bluegreenName + " ¹",
		"… with `kill_timeout = 300`":              "bluegreen, 300 s ¹",
		"… if Fly had no rate limits":              "bluegreen, without rate limits",
		"flydrain":                                 oursName,
		limitName + " that waits for what is safe": limitName,
	} {
		row := regexp.MustCompile(`(?m)^\| 20 \| ` + regexp.QuoteMeta(way) + ` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|`).FindSubmatch(report)
		if row == nil {
			t.Errorf("the report has no row of 20 machines for %s", way)
			continue
		}
		cut, least, both, cutover := string(row[1]), string(row[2]), string(row[3]), string(row[4])
		want := "| " + strings.Join([]string{name, cut, least, cutover, both}, " | ") + " |\n"
		if got := strings.ReplaceAll(string(readme), "**0**", "0"); !strings.Contains(got, want) {
			t.Errorf("the README has not %s", want)
		}
	}
}
