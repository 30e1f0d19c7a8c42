package main

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"mvdan.cc/sh/v3/shell"

	"github.com/flydrain/flydrain/drain/draintest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"deploy":        draintest.InBubble(main),
		"deploy-slowly": main, // which can be interrupted
		"flyctl":        draintest.Main,
		"flysim":        draintest.Sim,
	})
}

func TestSessions(t *testing.T) {
	p := draintest.Params("testdata")
	p.Cmds["next"] = next
	testscript.Run(t, p)
}

// next runs the commands that the last line on standard error names, as a person
// would who copies them.
func next(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: next")
	}
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stderr")), "\n")
	_, named, ok := strings.Cut(lines[len(lines)-1], "; next: ")
	if !ok {
		ts.Fatalf("the last line names no command: %s", lines[len(lines)-1])
	}
	for command := range strings.SplitSeq(named, "; then: ") {
		words, err := shell.Fields(command, nil)
		ts.Check(err)
		if words[0] == "fly" {
			words[0] = "flyctl"
		}
		ts.Logf("[next] %s", command)
		ts.Check(ts.Exec(words[0], words[1:]...))
	}
}
