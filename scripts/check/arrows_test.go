package main

import (
	"errors"
	"strings"
	"testing"
)

func TestFilesThatNeedEachOtherAreNamed(t *testing.T) {
	const top, ground = "package x\n\nfunc Top() { ground() }\n", "package x\n\nfunc ground() {}\n"
	for _, c := range []struct {
		why   string
		files map[string]string
		want  string
	}{
		{"one above the other", map[string]string{"top.go": top, "ground.go": ground}, ""},
		{"a test may need all", map[string]string{"top.go": top, "ground.go": ground, "x_test.go": "package x\n\nfunc test() { Top() }\n"}, ""},
		{"by a function", map[string]string{"top.go": top, "ground.go": "package x\n\nfunc ground() { Top() }\n"}, "example.com/x: ground.go, top.go\n"},
		{"by a method", map[string]string{"top.go": "package x\n\ntype T struct{}\n\nfunc (T) Top() { ground() }\n", "ground.go": "package x\n\nfunc ground() { T{}.Top() }\n"},
			"example.com/x: ground.go, top.go\n"},
		{"by a third", map[string]string{"a.go": "package x\n\nfunc a() { b() }\n", "b.go": "package x\n\nfunc b() { c() }\n", "c.go": "package x\n\nfunc c() { a() }\n"},
			"example.com/x: a.go, b.go, c.go\n"},
		{"by a variable of a function no arrow runs", map[string]string{"top.go": top, "ground.go": "package x\n\nfunc ground() { Top := 1; _ = Top }\n"}, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			c.files["go.mod"] = "module example.com/x\n\ngo 1.25\n"
			var out strings.Builder
			err := floors(build(t, c.files), &out)
			if out.String() != c.want || errors.Is(err, errUp) != (c.want != "") || err != nil && !errors.Is(err, errUp) {
				t.Errorf("it says %q, %v", &out, err)
			}
		})
	}
}
