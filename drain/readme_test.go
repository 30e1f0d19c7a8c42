package drain_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheREADMEsGoCompiles checks each piece of Go in the README as the body of a program.
func TestTheREADMEsGoCompiles(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no Go")
	}
	var body strings.Builder
	for i, block := range blocks {
		fmt.Fprintf(&body, "func block%d(ctx context.Context) {\n%s", i, block[1])
		for _, names := range regexp.MustCompile(`(?m)^([\w, ]+) :=`).FindAllStringSubmatch(block[1], -1) {
			for name := range strings.SplitSeq(names[1], ",") {
				fmt.Fprintf(&body, "_ = %s\n", strings.TrimSpace(name))
			}
		}
		body.WriteString("}\n")
	}
	source := `package main

import (
	"context"
	"os"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

var _ = os.Stderr
var _ = script.Slice
var _ = view.Log

` + body.String()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(source+"\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, source)
	}
}
