// Monorepo releases three services of one repository as one: all of them change over
// to the new release together, or none does. It is for repositories with several apps.
// Each has its fly.toml in a folder of its name; the apps are called, say, shop-api,
// shop-chat and shop-web.
//
//	go build -o release ./examples/monorepo && ./release -prefix shop
//
// Before the cutover it checks something of its own: all new machines must speak the
// same version of the services' protocol.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

var services = []string{"api", "chat", "web"}

func main() {
	r := drain.Release{Check: sameProtocol()}
	prefix := flag.String("prefix", "shop", "what the apps' `names` begin with")
	flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr))
	flag.Parse()
	for _, service := range services {
		r.Apps = append(r.Apps, drain.App{Name: *prefix + "-" + service, Dir: service})
	}
	os.Exit(view.Deploy(r))
}

// sameProtocol returns a check that all new machines of all apps speak one version of
// the protocol. Each has it in a file of its image. An error leaves the old release
// as it is.
func sameProtocol() func(context.Context, string, []flyctl.Machine) error {
	version, from := "", ""
	return func(ctx context.Context, app string, green []flyctl.Machine) error {
		fly := &flyctl.Client{App: app}
		for _, m := range green {
			res, err := fly.Exec(ctx, m.ID, "", "cat /app/protocol", 0)
			if err != nil {
				return err
			}
			own := strings.TrimSpace(string(res.Stdout))
			if res.ExitCode != 0 || own == "" {
				return fmt.Errorf("machine %s has no protocol version: %s", m.ID, bytes.TrimSpace(res.Stderr))
			}
			if version == "" {
				version, from = own, app
			}
			if own != version {
				return fmt.Errorf("%s speaks protocol %s, and %s protocol %s", app, own, from, version)
			}
		}
		return nil
	}
}
