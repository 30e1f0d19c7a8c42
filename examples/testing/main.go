// Testing is a deploy script with a rule of its own, and shows how to test such a
// script without Fly. It is for everybody who writes a script: copy the folder, and
// begin there.
//
// main_test.go runs the script, as it is, against the simulated Fly of draintest; each
// file of testdata is one session with it. unhealthy_test.go has its waits in simulated
// time.
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
	finish := flag.Bool("drain", false, "finish the drains of earlier releases, instead of a release")
	flag.Parse()
	if err := apply(flag.Args()); err != nil {
		fmt.Fprintln(flyctl.Printer(os.Stderr), "deploy:", err)
		os.Exit(2)
	}
	operation := drain.Release.Deploy
	if *finish {
		operation = drain.Release.Drain
	}
	os.Exit(view.Run(r, operation))
}

// small is this team's rule: no machine with more than 8 GB serves.
func small(_ context.Context, app string, green []flyctl.Machine) error {
	var large []string
	for _, m := range green {
		if m.Config.Guest.MemoryMB > 8192 {
			large = append(large, fmt.Sprintf("%s has %d MB", m.ID, m.Config.Guest.MemoryMB))
		}
	}
	if large != nil {
		return fmt.Errorf("larger than 8 GB: %s", strings.Join(large, ", "))
	}
	return nil
}
