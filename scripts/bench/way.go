package main

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
)

// ways are the ways to release. Their app has Fly's default kill_timeout; for
// bluegreen also the longest that Fly allows.
var ways = []way{
	{name: "the thread's commands", mark: "🟥", colour: "#ef4444", killTimeout: 5 * time.Second, needsShell: true, release: thread},
	{name: bluegreenName, mark: "🟦", colour: "#3b82f6", killTimeout: 5 * time.Second, release: blueGreen},
	{name: "bluegreen, 300 s", mark: "🟪", colour: "#a855f7", killTimeout: 300 * time.Second, release: blueGreen},
	{name: "bluegreen, without rate limits", mark: "🟧", colour: "#f97316", killTimeout: 5 * time.Second, unlimited: true, release: blueGreen},
	{name: oursName, mark: "🟩", colour: "#22c55e", killTimeout: 5 * time.Second, release: ours},
	{name: limitName, mark: "⬛", colour: "#111827"},
}

const (
	bluegreenName = "flyctl's bluegreen"
	oursName      = "`drain.Release`"
)

// row is what a way cost with so many machines.
type row struct {
	way
	machines int
	note     string
	result
}

// try runs a way from an app that is at rest. Bluegreen that runs into Fly's rate
// limit is tried again with machines made one by one.
func (w way) try(t *testing.T, machines int) (row, error) {
	if w.release == nil {
		return row{way: w, machines: machines, result: limit(machines, false)}, nil
	}
	s, note := &scene{way: w, machines: machines, maxConcurrent: 8}, ""
	err := s.play(t)
	if errors.Is(err, errRateLimited) {
		s, note = &scene{way: w, machines: machines, maxConcurrent: 1}, " ¹"
		err = s.play(t)
	}
	return row{w, machines, note, s.result}, err
}

// play plays a scene in a bubble of simulated time.
func (s *scene) play(t *testing.T) (err error) {
	if s.needsShell {
		dir, err := os.MkdirTemp("", "bench-") // the path of a socket must be short
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if s.shell, err = startShell(dir, app); err != nil {
			return err
		}
		defer s.shell.Close()
	}
	synctest.Test(t, func(*testing.T) {
		if err = s.open(); err != nil {
			return
		}
		stop := s.watch()
		err = s.release(s)
		stop()
		s.fly.Do(s.account)
	})
	return err
}

// ours is drain.Release, with everything at its default.
func ours(s *scene) error {
	r := drain.New(app)
	r.Apps[0].Image, r.Flyctl = newImage, s.run
	_, err := r.Deploy(context.Background())
	return err
}

// thread runs the thread's commands, and then waits for the proxy to stop the
// machines from before.
func thread(s *scene) error {
	if err := s.shell.serve(s.run); err != nil {
		return err
	}
	for left := s.machines; left > 0; {
		time.Sleep(proxyRound)
		s.fly.Do(func(w *draintest.World) { left = s.stopIdle(w) })
	}
	return nil
}

// proxyRound is "every few minutes". https://fly.io/docs/launch/autostop-autostart/
const proxyRound = 5 * time.Minute

// stopIdle is a round of the proxy's, in its most favourable reading: it stops one
// machine a region, cordoned ones too, if it has no connections. What is to be
// destroyed when it stops is so. It returns how many are left.
func (s *scene) stopIdle(w *draintest.World) (left int) {
	done := map[string]bool{}
	for _, m := range w.Live(app) {
		switch _, old := s.blue[m.ID]; {
		case !old:
		case done[m.Region] || w.Open(m.ID) > 0:
			left++
		default:
			done[m.Region] = true
			w.Do(draintest.Action{Kind: "autostop", Machine: m.ID})
		}
	}
	return left
}
