package draintest

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Main is the flyctl binary of the World that lies in the folder FLYDRAIN_SIM. It
// exits. For testscript.Main: "flyctl": draintest.Main.
func Main() {
	folder, err := openFolder()
	if err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	folder.tick = true
	folder.now, _ = time.Parse(time.RFC3339Nano, os.Getenv(nowVariable)) // zero outside of a bubble
	s := &session{driver: folder, ctx: ctx, out: os.Stdout, talk: os.Stderr, env: os.Getenv, dir: "."}
	s.parse(os.Args[1:], false)
	if s.fault.Outlive {
		s.ctx = context.WithoutCancel(ctx)
	}
	os.Exit(s.run())
}
