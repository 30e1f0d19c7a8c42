// Canary proves on an app of your own that a release cuts no connection. It is for
// everybody who does not believe it. It opens connections before the release, holds
// them through it, and says what became of each:
//
//	go build -o canary ./examples/canary
//	./canary -n 20 -for 10m wss://my-app.fly.dev/socket & ./deploy -app my-app -background; wait
//
// Addresses are tcp://HOST:PORT, http(s)://… for a response that continues to stream,
// and ws(s)://… . A connection is held if it was open to the end; ended, if the far end
// said goodbye (the end of a body, a close frame); cut, if it broke without one. TCP has
// no goodbye, so there any end is a cut. Exit code 1: something was cut, or could not
// be opened.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// report is what became of all connections; with -json it is printed.
type report struct {
	Held        int           `json:"held"`
	Ended       int           `json:"ended"`
	Cut         int           `json:"cut"`
	Failed      int           `json:"failed"` // never open
	Connections []*connection `json:"connections"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("canary", flag.ContinueOnError)
	fs.SetOutput(stderr)
	n := fs.Int("n", 10, "connections to each address")
	hold := fs.Duration("for", 0, "how long to hold them (default: until interrupted)")
	asJSON := fs.Bool("json", false, "print a report as JSON to stdout at the end")
	if fs.Parse(args) != nil {
		return 2
	}
	if fs.NArg() == 0 || *n < 1 {
		fmt.Fprintln(stderr, "usage: canary [-n N] [-for D] [-json] ADDRESS…")
		return 2
	}
	if *hold > 0 {
		timed, cancel := context.WithTimeout(ctx, *hold)
		defer cancel()
		ctx = timed
	}
	var r report
	var mu sync.Mutex // of the report and of the lines
	say := func(format string, args ...any) {
		fmt.Fprintf(stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
	}
	var opening, holding sync.WaitGroup
	for _, address := range fs.Args() {
		for range *n {
			c := &connection{Address: address}
			r.Connections = append(r.Connections, c)
			opening.Add(1)
			holding.Go(func() {
				c.hold(ctx, opening.Done)
				mu.Lock()
				defer mu.Unlock()
				r.add(c)
				if c.Fate != held {
					say("%s: %s after %s: %s", c.Fate, c.Address, c.Ended.Sub(c.Opened).Round(time.Millisecond), c.Why)
				}
			})
		}
	}
	opening.Wait()
	mu.Lock()
	say("%d of %d connections are open", len(r.Connections)-r.Failed-r.Cut-r.Ended, len(r.Connections))
	mu.Unlock()
	holding.Wait()
	say("%d held, %d ended by the far end, %d cut, %d never open", r.Held, r.Ended, r.Cut, r.Failed)
	if *asJSON {
		_ = json.NewEncoder(stdout).Encode(r)
	}
	if r.Cut+r.Failed > 0 {
		return 1
	}
	return 0
}

func (r *report) add(c *connection) {
	*map[fate]*int{held: &r.Held, ended: &r.Ended, cut: &r.Cut, failed: &r.Failed}[c.Fate]++
}
