// Conditions checks that the tests of the packages that decide notice a mistake in any
// of their conditions:
//
//	go run ./scripts/conditions                   # all of them
//	go run ./scripts/conditions -run forward.go:4 # those at places that match
//
// A condition is what an if, a for or a case of a switch asks, an operand of && and
// ||, and what else is true or false and not a constant. Each is negated, and each
// is dropped: what it decides is never done, or what it is an operand of does
// without it. All of that is compiled once (into copies of the files, which the go
// command takes for the files themselves), and an environment variable says which
// one is wrong. A row of a table must fail each time, or else a small world of
// every-state. A condition that makes no difference has a comment on its line:
//
//	// equivalent: why
//
// It prints figures, and exits 1 if one survives, or if such a comment is of no use.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"
)

// decides are the packages that decide. Their binaries are tried in this order.
var decides = []string{"drain/internal/check", "drain/internal/fleet", "drain/internal/capacity", "drain/internal/idle", "drain/internal/intent", "drain/internal/facts", "drain/internal/standing", "drain/internal/rollout"}

func main() {
	var only regexp.Regexp
	flag.TextVar(&only, "run", regexp.MustCompile(""), "only conditions whose file:line matches this `regexp`")
	states := flag.Bool("states", true, "try the worlds of every-state when all tables pass")
	parallel := flag.Int("parallel", runtime.NumCPU(), "how many are tried side by side")
	flag.Parse()
	if flag.NArg() > 0 || *parallel < 1 {
		fmt.Fprintln(os.Stderr, "conditions: flags only, and at least one side by side")
		flag.Usage()
		os.Exit(2)
	}
	var dirs []string
	for _, dir := range decides {
		if _, err := os.Stat(filepath.FromSlash(dir)); err == nil {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		fmt.Fprintln(os.Stderr, "conditions: run it at the root of the module")
		os.Exit(2)
	}
	begun := time.Now()
	t := trial{root: ".", dirs: dirs, only: &only, states: *states, parallel: *parallel}
	ms, err := t.run()
	if err == nil {
		fmt.Printf("(%.0f s)\n", time.Since(begun).Seconds())
		err = report(os.Stdout, ms)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conditions:", err)
		os.Exit(1)
	}
}
