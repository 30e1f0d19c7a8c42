// Autostop leaves it to Fly's proxy to stop machines that are out of traffic. Give
// it the machines that the new release took the place of; each must be cordoned:
//
//	go run ./examples/autostop -app my-app 17810000000001 17810000000002
//
// There are two ways:
//
//   - A machine that was made with autostop (auto_stop_machines = "stop" in fly.toml
//     when it was deployed) needs no change: the proxy stops it, and nothing of ours
//     ends a connection. Run this again later: what has stopped is destroyed.
//   - For another one, -update does what the thread does that flydrain comes from:
//     fly machine update --autostop=stop, with auto_destroy. The update REPLACES THE
//     VM, so a machine that has connections is refused.
//
// In both the proxy judges by soft_limit, every few minutes, so it can stop a machine
// that still has a few connections; and nobody has proved that it looks at cordoned
// ones. examples/pipeline counts the connections instead.
// https://fly.io/docs/launch/autostop-autostart/
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/flydrain/flydrain/drain"
)

func main() {
	name := flag.String("app", "", "the app's `name` on Fly")
	update := flag.Bool("update", false, "set autostop and auto_destroy where a machine has no autostop: replaces its VM")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := leave(ctx, drain.New(*name), *update, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "autostop:", err)
		os.Exit(1)
	}
}

func leave(ctx context.Context, app *drain.App, update bool, ids []string) error {
	machines, err := app.Machines(ctx)
	if err != nil {
		return err
	}
	var stopped, without []string
	for _, m := range machines {
		switch {
		case !slices.Contains(ids, m.ID):
		case !m.Cordoned:
			return fmt.Errorf("machine %s is not cordoned: take it out of traffic first", m.ID)
		case m.Stopped():
			stopped = append(stopped, m.ID)
		case m.Autostops():
			fmt.Println(m.ID, "has autostop: it is the proxy's to stop")
		default:
			without = append(without, m.ID)
		}
	}
	if err := app.Destroy(ctx, stopped...); err != nil {
		return err
	}
	for _, id := range stopped {
		fmt.Println(id, "had stopped, and is destroyed")
	}
	if len(without) > 0 && !update {
		return fmt.Errorf("machines without autostop: %v: set auto_stop_machines in fly.toml, for the next ones; or give -update", without)
	}
	if err := app.Autostop(ctx, without...); err != nil {
		return err
	}
	for _, id := range without {
		fmt.Println(id, "has autostop now, and destroys itself when it stops")
	}
	return nil
}
