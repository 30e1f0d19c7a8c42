package main

import (
	"strings"
	"testing"
)

func TestTheTableIsMarkdown(t *testing.T) {
	r := report{Regions: []string{"iad"}}
	r.add(fact{name: "a", believed: "b", how: "c"}, seen{text: "x | y\nz\x1b[1m"}, nil)
	if want := "| a | b | OTHERWISE | x \\| y; z | c |\n"; !strings.HasSuffix(r.String(), want) {
		t.Errorf("%q", r.String())
	}
}
