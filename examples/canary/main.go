// Canary proves on an app of your own that a release cuts no connection. It is for
// everybody who wants to see that before they believe it. It opens connections before
// a release, holds them during the release, and says what became of each:
//
//	go build -o canary ./examples/canary
//	./canary -n 20 -for 10m wss://my-app.fly.dev/socket & ./deploy -app my-app -background; wait
//
// An address is http://… or https://… for a response that continues to stream, or
// ws://… or wss://… for a WebSocket. Each connection is one of these at the end:
//
//   - held: it was open to the end
//   - ended: the server ended it in order, with the end of a body or a close frame
//   - cut: it broke without either
//   - never open: it could not be opened
//
// The exit code is 1 if a connection was cut or could not be opened.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	stderr = flyctl.Printer(stderr) // servers say some of it
	fs := flag.NewFlagSet("canary", flag.ContinueOnError)
	fs.SetOutput(stderr)
	n := fs.Int("n", 10, "connections to each address")
	limit := fs.Duration("for", 24*time.Hour, "how long to hold them, unless interrupted")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	if fs.NArg() == 0 || *n < 1 {
		fmt.Fprintln(stderr, "usage: canary [-n N] [-for D] ADDRESS…")
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()

	out := log.New(stderr, "", log.Ltime)
	var mu sync.Mutex // of fates and out
	fates := map[fate]int{}
	var opening, holding sync.WaitGroup
	for _, address := range fs.Args() {
		for range *n {
			opening.Add(1)
			holding.Go(func() {
				begun := time.Now()
				fate, err := hold(ctx, address, opening.Done)
				mu.Lock()
				defer mu.Unlock()
				fates[fate]++
				if fate != held {
					out.Printf("%s: %s after %v: %s", fate, public(address), time.Since(begun).Round(time.Millisecond), flyctl.Printable(err.Error()))
				}
			})
		}
	}
	all := fs.NArg() * *n
	opening.Wait()
	mu.Lock()
	out.Printf("%d of %d connections are open", all-fates[failed]-fates[cut]-fates[ended], all)
	mu.Unlock()
	holding.Wait()
	out.Printf("%d held, %d ended by the server, %d cut, %d never open", fates[held], fates[ended], fates[cut], fates[failed])
	if fates[cut]+fates[failed] > 0 {
		return 1
	}
	return 0
}
