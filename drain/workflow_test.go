package drain_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A step of somebody else's that can change overnight must not get the token.
func TestTheWorkflowGivesTheTokenOnlyToStepsThatRunFlyctl(t *testing.T) {
	data, err := os.ReadFile("../examples/github/deploy.yml")
	if err != nil {
		t.Fatal(err)
	}
	top, jobs, _ := strings.Cut(string(data), "\njobs:\n")
	if strings.Contains(top, "secrets.") {
		t.Error("every job gets the token")
	}
	steps := strings.Split(jobs, "\n      - ")
	pinned := regexp.MustCompile(`^uses: \S+@[0-9a-f]{40} # v?[0-9.]+\n`)
	with := 0
	for _, step := range steps {
		step = regexp.MustCompile(`(?m)^ *#.*\n`).ReplaceAllString(step+"\n", "")
		_, uses, isUse := strings.Cut(step, "uses: ")
		switch {
		case isUse && !pinned.MatchString("uses: "+uses):
			t.Errorf("not pinned: %s", step)
		case isUse && strings.HasPrefix(uses, "actions/checkout@") && !strings.Contains(step, "persist-credentials: false"):
			t.Errorf("the repository's token stays: %s", step)
		case isUse && strings.HasPrefix(uses, "superfly/") && !regexp.MustCompile(`version: \d+\.\d+\.\d+`).MatchString(step):
			t.Errorf("any version of flyctl: %s", step)
		}
		if strings.Contains(step, "secrets.") {
			if with++; !strings.Contains(step, `"$RUNNER_TEMP/deploy" -app my-app `) || isUse {
				t.Errorf("the token is not for this step: %s", step)
			}
		}
	}
	if with != 3 || strings.Count(jobs, `go build -o "$RUNNER_TEMP/deploy" ./deploy`) != 3 {
		t.Errorf("%d steps have the token", with)
	}
}
