// Bluegreen deploys with flyctl's own bluegreen strategy. It is for apps whose
// connections are short. Run it in the folder of the app's fly.toml:
//
//	go run ./examples/bluegreen -app my-app -signal SIGTERM -wait-timeout 10m
//
// Where its limits matter, take flydrain's own steps (examples/pipeline):
//
//   - After its signal, a blue machine has fly.toml's kill_timeout to end: 5 s by
//     default, 300 s at most. Connections that are open then are cut. -wait-timeout is
//     how long flyctl waits for a machine, and does not lengthen kill_timeout.
//     https://fly.io/docs/reference/configuration/#kill_timeout-option
//   - It refuses an app that runs two images ("found multiple image versions"), so a
//     deploy cannot begin while an earlier one drains, unless the draining machines
//     are excluded, as they are here.
//   - It refuses an app without health checks, and one with volumes.
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
	app := flag.String("app", "", "the app's `name` on Fly")
	opts := flyctl.DeployOptions{Strategy: "bluegreen"}
	flag.StringVar(&opts.Image, "image", "", "`reference` of the image to deploy, instead of building one")
	flag.StringVar(&opts.Signal, "signal", "SIGTERM", "what tells a blue machine to end")
	flag.StringVar(&opts.WaitTimeout, "wait-timeout", "10m", "how long flyctl waits for a machine")
	flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr))
	flag.Parse()
	os.Exit(view.Steps(drain.New(*app), func(ctx context.Context, s *drain.Steps) error {
		return deploy(ctx, s, &flyctl.Client{App: *app}, opts)
	}))
}

func deploy(ctx context.Context, s *drain.Steps, fly *flyctl.Client, opts flyctl.DeployOptions) error {
	out := flyctl.Printer(os.Stdout)
	if opts.Image == "" {
		fmt.Fprintln(out, "building")
		image, err := s.Build().String()
		if err != nil {
			return err
		}
		opts.Image = strings.TrimSpace(image)
	}
	machines, err := fly.List(ctx)
	if err != nil {
		return err
	}
	for _, m := range machines {
		if m.Managed() && m.Cordoned {
			fmt.Fprintln(out, "left alone, as it drains:", m.ID)
			opts.ExcludeMachines = append(opts.ExcludeMachines, m.ID)
		}
	}
	fmt.Fprintln(out, "deploying", opts.Image)
	if err := fly.Deploy(ctx, opts); err != nil {
		return err
	}
	fmt.Fprintln(out, "done")
	return nil
}
