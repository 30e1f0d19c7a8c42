// Pipeline takes an app from blue to green in five steps, as a pipe of machine ids. It
// is for teams that want an order of steps of their own: copy it, and change it. Run it
// in the folder of the app's fly.toml:
//
//	go run ./examples/pipeline -app my-app
//
// When it fails before blue is cordoned, blue serves as before. A pipe does not go
// back; examples/deploy does, and its -resume repairs what a run of this one left.
package main

import (
	"context"
	"flag"
	"os"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	var r drain.Release
	app := flag.String("app", "", "the app's `name` on Fly")
	flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr))
	flag.Parse()
	r.Apps = []drain.App{{Name: *app}}
	os.Exit(view.Steps(r, deploy))
}

func deploy(_ context.Context, s *drain.Steps) error {
	// 1. Build and push an image.
	image, err := s.Build().String()
	if err != nil {
		return err
	}
	// 2. See who serves now.
	blue, err := s.Blue().Slice()
	if err != nil {
		return err
	}
	// 3. Make green beside blue, as strong as blue. Uncordon it when all of it is healthy,
	// and wait until Fly's proxies know that it serves.
	if err := drain.Run(s.Green(image), s.AwaitHealthy, s.Uncordon, s.AwaitRouting); err != nil {
		return err
	}
	// 4, 5. Cordon blue. Each machine is destroyed after its last connection has ended.
	return drain.Run(script.Slice(blue), s.Cordon, s.AwaitIdle, s.Destroy)
}
