// Testing is a deploy script of somebody's own, and how to test such a script
// without Fly: main_test.go runs it, as it is, against the simulated Fly of draintest,
// and each file of testdata is one session with it. Copy the folder and begin there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() { os.Exit(deploy()) }

func deploy() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	release := drain.Release{Check: small}
	apply := release.Flags(flag.CommandLine)
	flag.Parse()
	if err := apply(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		return 2
	}
	events, end := view.Auto{}.Start(os.Stderr)
	release.Events = events
	return end(release.Deploy(ctx))
}

// small is a rule of this team's own: nothing takes traffic on a machine of more than 8 GB.
func small(_ context.Context, green map[string][]flyctl.Machine) error {
	var large []string
	for app, machines := range green {
		for _, m := range machines {
			if m.Config.Guest.MemoryMB > 8192 {
				large = append(large, fmt.Sprintf("%s of %s has %d MB", m.ID, app, m.Config.Guest.MemoryMB))
			}
		}
	}
	if large != nil {
		return fmt.Errorf("larger than this team may: %s", strings.Join(large, ", "))
	}
	return nil
}
