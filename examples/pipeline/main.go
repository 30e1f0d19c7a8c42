// Pipeline takes an app from blue to green in the five steps: build an image, see
// who serves, make green beside it as strong as blue, and let each blue machine go
// when its last connection has ended. It is a script to copy and to change; run it
// in the folder of the app's fly.toml:
//
//	go run ./examples/pipeline -app my-app
//
// When it fails before blue is cordoned, blue serves as before, and green is left
// held out of traffic. Release.Deploy (examples/deploy) does the same with a way
// back at every step, and its -resume puts right what a run of this one left.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bitfield/script"
	"github.com/charmbracelet/log"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	name := flag.String("app", "", "the app's `name` on Fly")
	settle := flag.Duration("settle", 10*time.Second, "no machine is idle sooner after its cordon")
	poll := flag.Duration("poll", 5*time.Second, "how often is looked when few connections are left")
	propagation := flag.Duration("propagation", 10*time.Second, "how long a change of routing takes to be known everywhere")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := drain.New(*name)
	app.Settle, app.Poll = *settle, *poll
	app.Events = view.Log(log.NewWithOptions(os.Stderr, log.Options{ReportTimestamp: true}))
	if err := deploy(ctx, app, *propagation); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}

func deploy(ctx context.Context, app *drain.App, propagation time.Duration) error {
	s := app.Steps(ctx)

	// 1. Build and push an image.
	image, err := s.Build().String()
	if err != nil {
		return err
	}
	// 2. See who takes traffic now.
	blue, err := s.Blue().Slice()
	if err != nil {
		return err
	}
	// 3. Make green beside blue, and let it in when all of it is healthy.
	if err := drain.Run(s.Green(image), s.AwaitHealthy, s.Uncordon); err != nil {
		return err
	}
	// Routing spreads by gossip: blue stays until green is known everywhere.
	select {
	case <-time.After(propagation):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	// 4, 5. Take blue out; each machine goes when its last connection has ended.
	return drain.Run(script.Slice(blue), s.Cordon, s.AwaitIdle, s.Destroy)
}
