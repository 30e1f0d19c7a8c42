package scripts_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	failsLine = regexp.MustCompile(`^(! exec|exits [1-9]) `)
	nextLine  = regexp.MustCompile(`^(! )?(exec|exits|kill) `)
	begunLine = regexp.MustCompile(`&(\w+)&$`)
)

// A failure can have another reason than the one that is meant, and a program in
// the background can fail unseen. So scripts say why, and wait.
func TestScriptsSayWhyAndWait(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(scriptDir, "*.txtar"))
	examples, _ := filepath.Glob(filepath.Join("..", "..", "..", "examples", "*", "testdata", "*.txtar"))
	if len(paths) == 0 || len(examples) == 0 {
		t.Fatal("no scripts: ", paths, examples)
	}
	for _, path := range append(paths, examples...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		session, _, _ := strings.Cut(string(text), "\n-- ")
		lines := strings.Split(strings.TrimSpace(session), "\n")
		if !strings.HasPrefix(lines[0], "# ") {
			t.Errorf("%s does not begin with what it is about", filepath.Base(path))
		}
		waiting := ""
		for i, line := range lines {
			if m := begunLine.FindStringSubmatch(line); m != nil {
				waiting = m[1]
				continue
			}
			if line == "wait "+waiting {
				waiting, line = "", "! exec "
			}
			if failsLine.MatchString(line) && !saysWhy(lines[i+1:]) {
				t.Errorf("%s:%d: what does its stderr hold?", filepath.Base(path), i+1)
			}
		}
		if waiting != "" {
			t.Errorf("%s: nothing waits for %s", filepath.Base(path), waiting)
		}
		if !strings.Contains(session, "\nexec flysim breaches") && !strings.Contains(session, "\nexec flysim calls") && strings.Contains(session, "flysim init") {
			t.Errorf("%s asks neither for breaches nor for what was called", filepath.Base(path))
		}
	}
}

// What people copy must work.
func TestEachExampleHasATest(t *testing.T) {
	programs, err := filepath.Glob(filepath.Join("..", "..", "..", "examples", "*", "main.go"))
	if err != nil || len(programs) == 0 {
		t.Fatal("no examples: ", err)
	}
	for _, path := range programs {
		if tests, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*_test.go")); len(tests) == 0 {
			t.Errorf("nothing runs %s", path)
		}
	}
}

// saysWhy reports whether lines look at standard error before another program runs.
func saysWhy(lines []string) bool {
	for _, line := range lines {
		if strings.HasPrefix(strings.TrimPrefix(line, "! "), "stderr ") {
			return true
		}
		if nextLine.MatchString(line) {
			return false
		}
	}
	return false
}
