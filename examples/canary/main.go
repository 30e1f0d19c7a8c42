// Canary proves on an app of your own that a release cuts no connection. It opens
// connections before the release, holds them through it, and says what became of each:
//
//	go build -o canary ./examples/canary
//	./canary -n 20 -for 10m wss://my-app.fly.dev/socket & ./deploy -app my-app -background; wait
//
// Addresses are http(s)://… for a response that continues to stream, and ws(s)://… . A
// connection is held if it was open to the end; ended, if the far end said goodbye (the
// end of a body, a close frame); cut, if it broke without one. Exit code 1: something
// was cut, or could not be opened.
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
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	fs := flag.NewFlagSet("canary", flag.ContinueOnError)
	fs.SetOutput(stderr)
	n := fs.Int("n", 10, "connections to each address")
	most := fs.Duration("for", 24*time.Hour, "how long to hold them, unless interrupted")
	if fs.Parse(args) != nil {
		return 2
	}
	if fs.NArg() == 0 || *n < 1 {
		fmt.Fprintln(stderr, "usage: canary [-n N] [-for D] ADDRESS…")
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, *most)
	defer cancel()

	log := log.New(stderr, "", log.Ltime)
	var mu sync.Mutex // of the fates and the lines
	fates := map[fate]int{}
	var opening, holding sync.WaitGroup
	for _, address := range fs.Args() {
		for range *n {
			opening.Add(1)
			holding.Go(func() {
				begun := time.Now()
				fate, why := hold(ctx, address, opening.Done)
				mu.Lock()
				defer mu.Unlock()
				if fates[fate]++; fate != held {
					log.Printf("%s: %s after %v: %+q", fate, public(address), time.Since(begun).Round(time.Millisecond), why.Error())
				}
			})
		}
	}
	opening.Wait()
	mu.Lock()
	all := fs.NArg() * *n
	log.Printf("%d of %d connections are open", all-fates[failed]-fates[cut]-fates[ended], all)
	mu.Unlock()
	holding.Wait()
	log.Printf("%d held, %d ended by the far end, %d cut, %d never open", fates[held], fates[ended], fates[cut], fates[failed])
	if fates[cut]+fates[failed] > 0 {
		return 1
	}
	return 0
}
