package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// write writes the files of a module.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files["go.mod"] = "module example.com/m\n\ngo 1.25\n"
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const source = `package p

import "example.com/m/q"

func InReach(host string, up bool) bool {
	if host == "" || q.Down(host) {
		return false
	}
	switch {
	case up && host != "far":
		return true
	}
	return false
}

func Odd(n int) (odd bool) {
	even := n%2 == 0
	if n > 0 && n > -1 { // equivalent: it does nothing
		even = even && true
	}
	for i := 0; i < 3; i++ {
		odd = !odd
	}
	return even != odd
}
`

// A condition that a test holds, one that it does not, and one that has an excuse.
func TestWhatNoTestNoticesSurvives(t *testing.T) {
	root := write(t, map[string]string{
		"p/p.go": source,
		"q/q.go": "package q\n\nfunc Down(host string) bool { return host == \"down\" }\n",
		"q/q_test.go": `package q

import "testing"

func TestDown(t *testing.T) {
	if !Down("down") || Down("a") {
		t.Error("wrong")
	}
}
`,
		"p/p_test.go": `package p

import "testing"

func TestInReach(t *testing.T) {
	for host, want := range map[string]bool{"": false, "down": false, "a": true} {
		if InReach(host, true) != want {
			t.Error(host)
		}
	}
}

func TestOdd(t *testing.T) {
	if Odd(2) || !Odd(3) || Odd(-2) || !Odd(-3) {
		t.Error("wrong")
	}
}
`,
	})
	ms, err := (trial{root: root, dirs: []string{"q", "p"}, only: regexp.MustCompile(""), parallel: 2}).run()
	if err != nil {
		t.Fatal(err)
	}
	var survived []string
	for _, m := range ms {
		if m.by == "" {
			survived = append(survived, m.String())
		}
	}
	want := []string{
		`p/p.go:10: dropped: up`, // no test has a host that is down, or far
		`p/p.go:10: dropped: host != "far"`,
		`p/p.go:18: negated: n > 0 && n > -1`,
		`p/p.go:18: dropped: n > 0 && n > -1`,
		`p/p.go:18: negated: n > 0`,
		`p/p.go:18: dropped: n > 0`,
		`p/p.go:18: negated: n > -1`,
		`p/p.go:18: dropped: n > -1`,
	}
	for _, m := range want {
		if !slices.Contains(survived, m) {
			t.Errorf("killed, or not tried: %s", m)
		}
	}
	for _, m := range survived {
		if !slices.Contains(want, m) {
			t.Errorf("survived: %s", m)
		}
	}
	var out strings.Builder
	if err := report(&out, ms); err == nil || !strings.Contains(err.Error(), "2 ways to be wrong were noticed by no test") {
		t.Errorf("%v:\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "1 lines with an exception, 2 survived") || strings.Contains(out.String(), "p.go:18") {
		t.Error(out.String())
	}
}

func TestACommentThatExcusesNothingIsAnError(t *testing.T) {
	ms := []mutant{
		{number: 1, file: "p.go", line: 3, text: "a", by: "tables"},
		{number: 2, file: "p.go", line: 4, text: "b", by: "tables", excused: true},
	}
	if err := report(&strings.Builder{}, ms); err == nil || !strings.Contains(err.Error(), "p.go:4") {
		t.Error(err)
	}
	if err := report(&strings.Builder{}, ms[:1]); err != nil {
		t.Error(err)
	}
}

func TestTestsThatFailAnywayKillNothing(t *testing.T) {
	root := write(t, map[string]string{
		"p/p.go":      "package p\n\nfunc Is(n int) bool { return n > 0 }\n",
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestIs(t *testing.T) { t.Error(Is(1)) }\n",
	})
	if _, err := (trial{root: root, dirs: []string{"p"}, only: regexp.MustCompile(""), parallel: 1}).run(); err == nil || !strings.Contains(err.Error(), "with no condition changed") {
		t.Error(err)
	}
}
