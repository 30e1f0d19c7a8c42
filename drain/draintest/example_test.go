package draintest_test

import (
	"context"
	"fmt"
	"time"

	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// A command that stops a busy machine is recorded, with each connection that it cuts
// and each rule that it breaks.
func Example() {
	w := draintest.New(time.Now())
	if err := w.AddApp("my-app", "app=iad:2,lhr:1", "worker=iad:1"); err != nil {
		fmt.Println(err)
		return
	}
	w.Connect("my-app", "app", "iad", 4, time.Hour)
	fly := draintest.NewFly(w)

	run := fly.Runner() // in a test of a release: r.Flyctl = fly.Runner()
	r, err := run(context.Background(), flyctl.Command{Args: []string{"machine", "stop", "17810000000001", "-a", "my-app"}})
	fmt.Println(r.ExitCode, err)

	fly.Do(func(w *draintest.World) {
		fmt.Print(w.Account)
		for _, breach := range w.Breaches {
			fmt.Println(breach)
		}
	})
	// Output:
	// 0 <nil>
	// opened 4  ended 0  open 2  refused 0  cut 2
	// cut 2 of my-app 17810000000001 by machine stop 17810000000001 -a my-app
	// S2 17810000000001: stop with 2 connections: machine stop 17810000000001 -a my-app
	// S4 17810000000001: stop without a look at its connections: machine stop 17810000000001 -a my-app
	// S1 17810000000001: 1 of 2 machines serve in my-app/app/iad: machine stop 17810000000001 -a my-app
}
