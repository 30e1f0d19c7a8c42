package draintest

import (
	"os"
	"regexp"
	"testing"
)

func TestEveryCommandOfFlysimIsInItsHelpAndInThePackageComment(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	verbs := append(sortedKeys(simVerbs), "init", "await", "edge")
	for _, verb := range verbs {
		if !regexp.MustCompile(`(?m)^  ` + verb + `\b`).MatchString(simUsage) {
			t.Errorf("flysim help does not list %s", verb)
		}
		if !regexp.MustCompile(`(?m)^//\t([a-z]+, )?` + verb + `\b`).Match(comment) {
			t.Errorf("the package comment does not list %s", verb)
		}
	}
}
