package view

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// errInterrupted is the cause of a context that ended by a signal.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that ends at the first interrupt. At the second one
// it calls last and ends the program. Until stop, a write that nobody reads does not
// end the program.
func interruptible(last func()) (ctx context.Context, stop func()) {
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancelCause(context.Background())
	over := make(chan struct{})
	go func() {
		select {
		case <-interrupts:
			cancel(errInterrupted)
		case <-over:
			return
		}
		select {
		case s := <-interrupts:
			endBy(s, last)
		case <-over:
		}
	}()
	return ctx, func() {
		signal.Stop(interrupts)
		close(over)
		signal.Stop(unread)
	}
}

// endBy calls last, waits for a second at most, and ends the program by the signal. From
// now on another signal ends it at once.
func endBy(s os.Signal, last func()) {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	said := make(chan struct{})
	go func() { last(); close(said) }()
	select {
	case <-said:
	case <-time.After(time.Second): // nobody reads what it says
	}
	if p, err := os.FindProcess(os.Getpid()); err != nil || p.Signal(s) != nil {
		os.Exit(1) // there are no signals on Windows
	}
}

// onlyInterrupted reports whether why a phase ended, "drain: interrupted", says no more.
func onlyInterrupted(why string) bool {
	_, last, _ := strings.Cut(why, ": ")
	return why == errInterrupted.Error() || last == errInterrupted.Error()
}
