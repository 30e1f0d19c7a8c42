package drain_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// runs says where a test or a check runs each command of the README.
var runs = map[string]string{
	"go run ./examples/demo":          "../examples/demo/testdata/release-cuts-nothing.txtar: exec demo",
	"go test ./...":                   "../.ci/run: go test ./...",
	"go run ./scripts/crashmatrix":    "../scripts/crashmatrix/matrix_test.go: func TestMatrixIsAsItsTableSays(",
	"go run ./scripts/bench":          "../scripts/bench/bench_test.go: func Test",
	"go run ./scripts/conditions":     "../.ci/run: go run ./scripts/conditions",
	"go run ./scripts/teeth":          "../.ci/run: go run ./scripts/teeth",
	"go run ./scripts/prove -org ORG": "../scripts/prove/testdata/whole-as-believed.txtar: exec prove -org my-org",
	"go run ./scripts/conform":        "../scripts/conform/conform_test.go: func Test",
	"go build -o sim/ ./drain/draintest/flysim ./drain/draintest/flyctl ./examples/deploy": "internal/scripts/readme_test.go: func TestTheREADMEsSessionByHand(",
	"go build -o /tmp/my-deploy ./deploy":                                                  "../examples/github/deploy.yml: go build -o",
	"go test ./drain/draintest -run Flyctl":                                                "draintest/conform_test.go: func TestItPrintsWhatFlyctlPrints(",
	"FLYDRAIN_LONG=1 go test ./scripts/crashmatrix -run TestCampaign":                      "../.ci/run: FLYDRAIN_LONG=1 go test ./...",
	"FLYDRAIN_LONG=1 go test ./drain/internal/rollout -run EveryState":                     "../.ci/run: FLYDRAIN_LONG=1 go test ./...",
	"deploy -app my-app":                                    "../examples/deploy/testdata/release-cuts-nothing.txtar: exec deploy -app my-app",
	"deploy -app my-app -plan":                              "../examples/deploy/testdata/plan-changes-nothing.txtar: exec deploy -app my-app -plan",
	"deploy -app api=./api -app web=./web -app chat=./chat": "../examples/deploy/testdata/plan-changes-nothing.txtar: deploy -plan -app api=./api -app web=./web -app chat=./chat",
	"deploy -drain":                                         "../examples/deploy/testdata/drain-goes-on.txtar: exec deploy -app my-app -drain",
	"deploy -h":                                             "../examples/deploy/testdata/usage-refused.txtar: exits 0 deploy -h",
	// What needs a network, or an account: the module proxy, and Fly.
	"go install github.com/flydrain/flydrain/examples/deploy@latest": "../README.md: go install",
	"go get github.com/flydrain/flydrain/drain/view":                 "../README.md: go get",
}

func TestTheREADMEsCommandsAreRun(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?m)^ {4,}((?:go|deploy) .*)$|`((?:FLYDRAIN_LONG=1 )?(?:go (?:build|run|test|get|install)|deploy) [^`]+)`").FindAllStringSubmatch(string(readme), -1)
	if len(found) < 10 {
		t.Fatalf("the README has %d commands", len(found))
	}
	for _, m := range found {
		command, _, _ := strings.Cut(m[1]+m[2], "#")
		where, known := runs[strings.TrimSpace(command)]
		if !known {
			t.Errorf("nothing is known to run %q", command)
			continue
		}
		file, text, _ := strings.Cut(where, ": ")
		if have, err := os.ReadFile(file); err != nil || !strings.Contains(string(have), text) {
			t.Errorf("%q is not run by %s (%v)", command, where, err)
		}
	}
}

// TestTheREADMEsOutputIsTheDemos holds the output in the README against the patterns
// that a session finds in the demo's.
func TestTheREADMEsOutputIsTheDemos(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	session, err2 := os.ReadFile("../examples/demo/testdata/release-cuts-nothing.txtar")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	block := regexp.MustCompile("(?s)\n\n```\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no output")
	}
	var patterns []*regexp.Regexp
	for _, m := range regexp.MustCompile(`(?m)^std(?:err|out) '(\^.*\$)'$`).FindAllSubmatch(session, -1) {
		patterns = append(patterns, regexp.MustCompile(string(m[1])))
	}
	for line := range strings.Lines(string(block[1])) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && !slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(line) }) {
			t.Errorf("the session does not look for %q", line)
		}
	}
}

// TestAProgramOfDrainAloneBringsLittle holds what such a program vendors against
// what the README says.
func TestAProgramOfDrainAloneBringsLittle(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{.Dir}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	size, modules := int64(0), regexp.MustCompile(`^(github.com/(flydrain/flydrain/drain(/flyctl|/probe|/internal/\w+)?|bitfield/script|itchyny/\w+(-go)?|cenkalti/backoff/v5)|golang.org/x/(sync|time)/.*|mvdan.cc/sh/v3/.*)$`)
	for line := range strings.Lines(string(out)) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		if !modules.MatchString(path) {
			t.Errorf("drain brings along %s", path)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files { // as go mod vendor does
			if info, err := f.Info(); err == nil && f.Type().IsRegular() && !strings.HasSuffix(f.Name(), "_test.go") {
				size += info.Size()
			}
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	said := 0.0
	if m := regexp.MustCompile(`imports only .drain. vendors ([\d.]+) MB`).FindSubmatch(readme); m != nil {
		said, _ = strconv.ParseFloat(string(m[1]), 64)
	}
	if now := float64(size) / 1e6; math.Abs(now-said) > 0.15 {
		t.Errorf("it vendors %.2f MB, and the README says %v", now, said)
	}
}

// TestNothingNamesAVersionThatDoesNotExist looks at what people read and copy. There is
// no release yet.
func TestNothingNamesAVersionThatDoesNotExist(t *testing.T) {
	named := regexp.MustCompile(`flydrain(/[\w/]+)?@v\d|flydrain[^\n]* v0\.`)
	for _, dir := range []string{"../README.md", "../.github", "../examples"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if at := named.Find(text); at != nil {
				t.Errorf("%s: %s", path, at)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
