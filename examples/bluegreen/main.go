// Bluegreen deploys with flyctl's own bluegreen strategy, which is enough for an
// app whose connections are short. Run it in the folder of the app's fly.toml:
//
//	go run ./examples/bluegreen -app my-app -signal SIGTERM -wait-timeout 10m
//
// Its bounds, for which flydrain's own steps (examples/pipeline) are there:
//
//   - A blue machine that was sent its signal has fly.toml's kill_timeout to end by
//     itself: 5 s by default, and 300 s at most. What is connected then is cut.
//     -wait-timeout is how long flyctl waits for a machine, not a longer kill_timeout.
//     https://fly.io/docs/reference/configuration/#kill_timeout-option
//   - It refuses an app that runs two images ("found multiple image versions"), so a
//     deploy cannot begin while an earlier one drains, unless the machines that drain
//     are excluded, as they are here.
//   - It refuses an app without health checks, and one with volumes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
)

func main() {
	app := flag.String("app", "", "the app's `name` on Fly")
	opts := flyctl.DeployOptions{Strategy: "bluegreen"}
	flag.StringVar(&opts.Image, "image", "", "`reference` of the image to deploy, instead of building one")
	flag.StringVar(&opts.Signal, "signal", "SIGTERM", "what tells a blue machine to end")
	flag.StringVar(&opts.WaitTimeout, "wait-timeout", "10m", "how long flyctl waits for a machine")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := deploy(ctx, *app, opts); err != nil {
		fmt.Fprintln(os.Stderr, "bluegreen:", err)
		os.Exit(1)
	}
}

func deploy(ctx context.Context, app string, opts flyctl.DeployOptions) error {
	fly := &flyctl.Client{App: app}
	if _, err := fly.Version(ctx); err != nil { // one that is too old does not tell who drains
		return err
	}
	if opts.Image == "" {
		fmt.Println("building")
		var err error
		if opts.Image, err = drain.New(app).Build(ctx); err != nil {
			return err
		}
	}
	machines, err := fly.List(ctx)
	if err != nil {
		return err
	}
	for _, m := range machines {
		if m.Managed() && m.Cordoned {
			fmt.Println("left alone, as it drains:", m.ID)
			opts.ExcludeMachines = append(opts.ExcludeMachines, m.ID)
		}
	}
	fmt.Println("deploying", opts.Image)
	if err := fly.Deploy(ctx, opts); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}
