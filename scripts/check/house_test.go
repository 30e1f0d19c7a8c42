package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// build writes files below a new folder.
func build(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
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

const surface = `package x

const A, b = 1, 2

var C, d int

type E struct{ Field int }

func (e *E) F()  {}
func (e E) g()   {}
func (h hidden) I() {}

type hidden interface{ J() }

type K interface {
	L()
	m()
	E
}

type N[T any] []T

func (n N[T]) O() {}

type P = int

func Q() {}

func r() {}
`

func TestWhatIsCountedAsAName(t *testing.T) {
	root := build(t, map[string]string{
		"x/x.go": surface, "x/x_linux.go": "package x\n\nfunc Q() {}\n", "x/x_test.go": "package x\n\nfunc TestX() {}\n",
		"x/testdata/y.go": "not Go", ".git/z.go": "not Go", "cmd/main.go": "package main\n\nfunc Main() {}\n", "x/note.txt": "T",
	})
	houses, err := measure(root, budgets)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(houses)); !slices.Equal(got, []string{"cmd", "x"}) {
		t.Fatalf("folders %v", got)
	}
	want := strings.Fields("A C E E.F K K.L N N.O P Q")
	if got := slices.Sorted(maps.Keys(houses["x"].names)); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if h := houses["cmd"]; len(h.names) > 0 || h.lines != 2 {
		t.Errorf("a program: %v", h)
	}
	if houses["x"].lines != 18+2 {
		t.Errorf("%d lines of code", houses["x"].lines)
	}
}

func TestATestFileIsNamedForItsSource(t *testing.T) {
	root := build(t, map[string]string{"drain/a.go": lines(1), "drain/b_c.go": lines(1), "drain/d/e.go": lines(1)})
	for name, want := range map[string]bool{
		"drain/a": true, "drain/a_more": true, "drain/a_more_words": true, "drain/b_c": true, "drain/d/d": true, "drain/helper": true, "drain/helper_more": true,
		"drain/ab": false, "drain/b": false, "drain/more_a": false, "drain/e": false, "drain/d/a": false, "drain/helpers": false,
	} {
		if got := named(filepath.Join(root, filepath.FromSlash(name+"_test.go"))); got != want {
			t.Errorf("%s_test.go: %v", name, got)
		}
	}
}

func lines(n int) string { return "package x\n" + strings.Repeat("var _ = 0\n", n-1) }

func names(n int) string {
	text := "package x\n"
	for i := range n {
		text += fmt.Sprintf("\nvar V%d int\n", i)
	}
	return text
}

var few = map[string]budget{"drain/internal/idle": {250, 0}, "drain/view": {1800, 15}, "drain/probe": {1050, 25}, "scripts/*": {4000, 0}}

func TestWhatIsOverItsBudgetIsSaid(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  string // a line of the table, without its spaces; "" if nothing is over
	}{
		{"as many lines as may be", map[string]string{"drain/internal/idle/a.go": lines(250)}, ""},
		{"a line more", map[string]string{"drain/internal/idle/a.go": lines(251)}, "drain/internal/idle 251 250 - - over"},
		{"comments and blank lines do not count", map[string]string{"drain/internal/idle/a.go": lines(250) + "\n// Why.\n\n/* Why\n   not. */\n"}, ""},
		{"a string of several lines does", map[string]string{"drain/internal/idle/a.go": lines(249) + "var _ = `\n\n`\n"}, "drain/internal/idle 252 250 - - over"},
		{"tests do not count", map[string]string{"drain/internal/idle/a.go": lines(250), "drain/internal/idle/a_test.go": lines(300)}, ""},
		{"as many names as may be", map[string]string{"drain/view/a.go": names(15)}, ""},
		{"a name more", map[string]string{"drain/view/a.go": names(16)}, "drain/view 17 1800 16 15 over"},
		{"what is internal to it", map[string]string{"drain/view/a.go": names(15), "drain/view/internal/b/b.go": names(2)}, ""},
		{"lines of what is internal", map[string]string{"drain/probe/a.go": lines(400), "drain/probe/b.go": lines(400), "drain/probe/internal/c/c.go": lines(251)},
			"drain/probe 1051 1050 - 25 over"},
		{"scripts together", map[string]string{"scripts/a/a.go": lines(400), "scripts/b/b.go": lines(400)}, ""},
		{"an example", map[string]string{"examples/a/main.go": lines(99)}, ""},
		{"an example of two files", map[string]string{"examples/a/main.go": lines(99), "examples/a/b.go": lines(99)}, ""},
		{"a long file of an example", map[string]string{"examples/a/main.go": lines(100)}, "examples/a/main.go: 100 lines of 99: over"},
		{"a test of an example", map[string]string{"examples/a/main_test.go": lines(100)}, ""},
		{"a long file", map[string]string{"a/a.go": lines(401)}, "a/a.go: 401 lines of 400: over"},
		{"a long test", map[string]string{"a/a_test.go": lines(401)}, "a/a_test.go: 401 lines of 400: over"},
		{"a test of a source", map[string]string{"drain/x/a.go": lines(1), "drain/x/a_more_test.go": lines(1)}, ""},
		{"a test of none", map[string]string{"drain/x/a.go": lines(1), "drain/x/b_test.go": lines(1)}, "drain/x/b_test.go: named for no source file beside it"},
		{"a test of none elsewhere", map[string]string{"x/a.go": lines(1), "x/b_test.go": lines(1)}, ""},
		{"no budget", map[string]string{"a/a.go": lines(400), "a/b.go": lines(400)}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			err := inspect(build(t, tc.files), few, &out)
			if errors.Is(err, errOver) != (tc.want != "") || err != nil && !errors.Is(err, errOver) {
				t.Errorf("got %v\n%s", err, &out)
			}
			if regexp.MustCompile(`over|named for no`).MatchString(out.String()) != (tc.want != "") {
				t.Errorf("got\n%s", &out)
			}
			found := tc.want == ""
			for line := range strings.Lines(out.String()) {
				found = found || strings.Join(strings.Fields(line), " ") == tc.want
			}
			if !found {
				t.Errorf("no line %q in\n%s", tc.want, &out)
			}
		})
	}
}

func TestAFileThatIsNotGoFailsTheCount(t *testing.T) {
	if err := inspect(build(t, map[string]string{"a/a.go": "no"}), few, &strings.Builder{}); err == nil || errors.Is(err, errOver) {
		t.Errorf("got %v", err)
	}
}
