// Monorepo releases three services of one repository as one: all of them change
// over to the new release together, or none does. Each has its fly.toml in a folder
// of its name; the apps are called, say, shop-api, shop-chat and shop-web.
//
//	go build -o release ./examples/monorepo && ./release -prefix shop
//
// Between the health checks and the cutover it asks something of its own of the new
// machines: all services must speak the same version of their protocol.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

var services = []string{"api", "chat", "web"}

func main() {
	prefix := flag.String("prefix", "shop", "what the apps' `names` begin with")
	settle := flag.Duration("settle", 10*time.Second, "no machine is idle sooner after its cordon")
	propagation := flag.Duration("propagation", 10*time.Second, "how long a change of routing takes to be known everywhere")
	flag.Parse()

	// A second signal ends the program at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	release := drain.Release{
		Check:       sameProtocol,
		Propagation: *propagation,
		Events:      view.Log(log.NewWithOptions(os.Stderr, log.Options{ReportTimestamp: true})),
	}
	for _, service := range services {
		app := drain.New(*prefix + "-" + service)
		app.Dir, app.Settle = service, *settle
		release.Apps = append(release.Apps, app)
	}
	report, err := release.Deploy(ctx)
	os.Exit(view.Outcome(os.Stderr, report, err))
}

// sameProtocol wants all new machines to speak one version of the protocol, which
// each has in a file of its image. An error keeps traffic where it is.
func sameProtocol(ctx context.Context, green map[string][]flyctl.Machine) error {
	version, from := "", ""
	for app, machines := range green {
		fly := &flyctl.Client{App: app}
		for _, m := range machines {
			res, err := fly.Exec(ctx, m.ID, "cat /app/protocol")
			if err != nil {
				return err
			}
			own := strings.TrimSpace(res.Stdout)
			if res.ExitCode != 0 || own == "" {
				return fmt.Errorf("machine %s of %s does not tell its protocol: %s", m.ID, app, strings.TrimSpace(res.Stderr))
			}
			if version == "" {
				version, from = own, app
			}
			if own != version {
				return fmt.Errorf("%s speaks protocol %s, and %s protocol %s", app, own, from, version)
			}
		}
	}
	return nil
}
