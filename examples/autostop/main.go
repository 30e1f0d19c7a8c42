// Autostop leaves it to Fly's proxy to stop the machines that a new release superseded.
// It is for comparison: it is how the thread does it that flydrain comes from. Cordon
// the machines first:
//
//	go run ./examples/autostop -app my-app 17810000000001 17810000000002
//
// A machine that was created with autostop (auto_stop_machines = "stop" in fly.toml)
// is the proxy's to stop. Run this again later: it destroys what has stopped.
// For the others, -update runs fly machine update --autostop=stop, with auto_destroy.
// The update REPLACES THE VM, so a machine that has connections is refused.
//
// Either way the proxy decides by soft_limit, every few minutes: it can stop a machine
// that still has a few connections. It was seen to stop a cordoned machine, but that is
// documented nowhere. examples/pipeline counts the connections instead.
// https://fly.io/docs/launch/autostop-autostart/
// https://github.com/fastrepl/anarlog/pull/7477
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/view"
)

func main() {
	name := flag.String("app", "", "the app's `name` on Fly")
	update := flag.Bool("update", false, "set autostop and auto_destroy where a machine has no autostop: replaces its VM")
	flag.CommandLine.SetOutput(flyctl.Printer(os.Stderr))
	flag.Parse()
	os.Exit(view.Steps(drain.New(*name), func(ctx context.Context, s *drain.Steps) error {
		return leave(ctx, s, &flyctl.Client{App: *name}, *update, flag.Args())
	}))
}

func leave(ctx context.Context, s *drain.Steps, fly *flyctl.Client, update bool, ids []string) error {
	out := flyctl.Printer(os.Stdout)
	machines, err := fly.List(ctx)
	if err != nil {
		return err
	}
	var stopped, without []string
	for _, m := range machines {
		switch {
		case !slices.Contains(ids, m.ID):
		case !m.Cordoned:
			return fmt.Errorf("machine %s serves: cordon it first", m.ID)
		case m.Stopped():
			stopped = append(stopped, m.ID)
		case m.Autostops():
			fmt.Fprintln(out, m.ID, "has autostop: it is the proxy's to stop")
		default:
			without = append(without, m.ID)
		}
	}
	if err := drain.Run(script.Slice(stopped), s.Destroy); err != nil {
		return err
	}
	if len(without) > 0 && !update {
		return fmt.Errorf("machines without autostop: %v: set auto_stop_machines in fly.toml, for the next ones; or give -update", without)
	}
	if err := drain.Run(script.Slice(without), s.Autostop); err != nil {
		return err
	}
	for _, id := range without {
		fmt.Fprintln(out, id, "has autostop now, and destroys itself when it stops")
	}
	return nil
}
