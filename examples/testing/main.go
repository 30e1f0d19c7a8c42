// Testing is a deploy script with a rule of its own, and the way to test it without
// Fly. It is for everybody who writes a script: main_test.go runs this one, as it is,
// against the simulated Fly of draintest, and each file of testdata is one session with
// it. Copy the folder and begin there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	r := drain.Release{Check: small}
	apply := r.Flags(flag.CommandLine)
	flag.Parse()
	if err := apply(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(2)
	}
	os.Exit(view.Deploy(r))
}

// small is this team's rule: no machine of more than 8 GB serves.
func small(_ context.Context, app string, green []flyctl.Machine) error {
	var large []string
	for _, m := range green {
		if m.Config.Guest.MemoryMB > 8192 {
			large = append(large, fmt.Sprintf("%s has %d MB", m.ID, m.Config.Guest.MemoryMB))
		}
	}
	if large != nil {
		return fmt.Errorf("larger than this team may: %s", strings.Join(large, ", "))
	}
	return nil
}
