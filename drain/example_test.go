package drain_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bitfield/script"

	"github.com/flydrain/flydrain/drain"
	"github.com/flydrain/flydrain/drain/draintest"
	"github.com/flydrain/flydrain/drain/flyctl"
)

// simulated gives an app on a simulated Fly, where all is there at once. In a program of yours that is one line: app := drain.New("my-app").
func simulated(shapes ...string) (*drain.App, *draintest.Fly) {
	w := draintest.New(time.Now())
	w.Boot, w.Health, w.Latency, w.Propagation, w.LimitsOff = 0, 0, 0, 5*time.Millisecond, true
	if err := w.AddApp("my-app", shapes...); err != nil {
		panic(err)
	}
	fly := draintest.NewFly(w)
	app := drain.New("my-app")
	app.Dir, app.Flyctl = scriptDir, fly.Runner() // the folder has a fly.toml
	app.ListEvery, app.Poll, app.Confirm = time.Millisecond, time.Millisecond, time.Millisecond
	app.Settle, app.Smoke = -1, -1
	return app, fly
}

// connect opens connections to an app, each of which ends after a while.
func connect(fly *draintest.Fly, n int, lives time.Duration) {
	fly.Do(func(w *draintest.World) { w.Connect("my-app", "", "iad", n, lives) })
}

// show prints the app's machines, and what became of all connections.
func show(fly *draintest.Fly) {
	fly.Do(func(w *draintest.World) {
		for _, m := range w.Live("my-app") {
			state := m.State
			if m.Cordoned {
				state += ", cordoned"
			}
			fmt.Println(m.ID, m.Config.Image, state)
		}
		fmt.Print(w.Account)
	})
}

func ids(machines []flyctl.Machine) []string {
	var ids []string
	for _, m := range machines {
		ids = append(ids, m.ID)
	}
	return ids
}

// An app goes from blue to green in five steps, and no connection is cut.
func Example() {
	app, fly := simulated("app=iad:2")
	connect(fly, 5, 50*time.Millisecond)

	s := app.Steps(context.Background())
	image, err := s.Build().String() // 1. build, push
	if err != nil {
		fmt.Println(err)
		return
	}
	blue, err := s.Blue().Slice() // 2. who serves now
	if err != nil {
		fmt.Println(err)
		return
	}
	// 3. green beside blue, as strong as blue
	if err := drain.Run(s.Green(image), s.AwaitHealthy, s.Uncordon); err != nil {
		fmt.Println(err)
		return
	}
	// 4, 5. each goes after its last connection
	if err := drain.Run(script.Slice(blue), s.Cordon, s.AwaitIdle, s.Destroy); err != nil {
		fmt.Println(err)
		return
	}
	fly.Do(func(w *draintest.World) {
		fmt.Println("machines:", len(w.Live("my-app")))
		fmt.Print(w.Account)
	})
	// Output:
	// machines: 2
	// opened 5  ended 5  open 0  refused 0  cut 0
}

// The whole release is one call. It makes green, checks it, moves traffic to it,
// and waits until the last connection to blue has ended.
func ExampleRelease_Deploy() {
	app, fly := simulated("app=iad:1")
	connect(fly, 3, 50*time.Millisecond)
	app.Image = "registry.fly.io/my-app:v2"

	release := drain.Release{Apps: []*drain.App{app}, Propagation: 20 * time.Millisecond}
	report, err := release.Deploy(context.Background())
	fmt.Println(report.Result, err)
	fmt.Println("blue", report.Apps[0].Blue, "green", report.Apps[0].Green, "gone", report.Apps[0].Gone)
	show(fly)
	// Output:
	// done <nil>
	// blue [17810000000001] green [17810000000002] gone [17810000000001]
	// 17810000000002 registry.fly.io/my-app:v2 started
	// opened 3  ended 3  open 0  refused 0  cut 0
}

// A new App has all settings by default; each can be set before the first call.
func ExampleNew() {
	app := drain.New("my-app")
	app.Limit = drain.SoftLimit          // a machine is idle at its own soft_limit
	app.Deadline = 2 * time.Hour         // wait so long for it, and then
	app.AtDeadline = drain.Keep          // leave it as it is, and say so
	app.Settle = 30 * time.Second        // clients are slow to reconnect
	app.Args = []string{"--remote-only"} // for flyctl's build
	fmt.Println(app.Name)
	// Output: my-app
}

func ExampleApp_Build() {
	app, _ := simulated("app=iad:1")
	image, err := app.Build(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	name, label, _ := strings.Cut(image, ":")
	fmt.Println(name, label[:len("flydrain-")]) // and the time
	// Output: registry.fly.io/my-app flydrain-
}

// Machines gives all that "fly deploy" manages, also what is out of traffic.
func ExampleApp_Machines() {
	app, fly := simulated("app=iad:1,lhr:1", "worker=iad:1")
	fly.Do(func(w *draintest.World) {
		w.AddUnmanaged("my-app", "iad", "registry.fly.io/my-app:cron")
		w.Do(draintest.Action{Kind: "cordon", Machine: "17810000000002"})
	})
	machines, err := app.Machines(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range machines {
		fmt.Println(m.ID, m.Group(), m.Region, m.State, "cordoned:", m.Cordoned)
	}
	// Output:
	// 17810000000001 app iad started cordoned: false
	// 17810000000002 app lhr started cordoned: true
	// 17810000000003 worker iad started cordoned: false
}

// Blue is who is in service now.
func ExampleApp_Blue() {
	app, fly := simulated("app=iad:3")
	fly.Do(func(w *draintest.World) { w.Do(draintest.Action{Kind: "cordon", Machine: "17810000000002"}) })
	blue, err := app.Blue(context.Background())
	fmt.Println(ids(blue), err)
	// Output: [17810000000001 17810000000003] <nil>
}

// Green is as strong as blue in each group and region, and takes no traffic yet.
func ExampleApp_Green() {
	app, fly := simulated("app=iad:1,lhr:1")
	green, err := app.Green(context.Background(), "registry.fly.io/my-app:v2")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range green {
		fmt.Println(m.Group(), m.Region, "cordoned:", m.Cordoned)
	}
	fly.Do(func(w *draintest.World) { fmt.Println("machines:", len(w.Live("my-app"))) })
	// Output:
	// app iad cordoned: true
	// app lhr cordoned: true
	// machines: 4
}

// AwaitHealthy stands between Green and Uncordon. Where it gives up, it tells of
// each machine what it lacks.
func ExampleApp_AwaitHealthy() {
	app, fly := simulated("app=iad:1")
	ctx := context.Background()
	green, err := app.Green(ctx, "registry.fly.io/my-app:v2")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.AwaitHealthy(ctx, ids(green)...))

	fly.Do(func(w *draintest.World) { w.Do(draintest.Action{Kind: "sick", Machine: green[0].ID}) })
	app.HealthTimeout = 20 * time.Millisecond
	err = app.AwaitHealthy(ctx, ids(green)...)
	fmt.Println(errors.Is(err, drain.ErrNotHealthy))
	// Output:
	// <nil>
	// true
}

// Cordon refuses to take the last machines out of traffic.
func ExampleApp_Cordon() {
	app, fly := simulated("app=iad:2")
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.Cordon(ctx, "17810000000001", "17810000000002"))
	show(fly)
	// Output:
	// <nil>
	// refused: cordoning 2 machines of my-app would leave no machine that takes traffic in group app in iad
	// 17810000000001 registry.fly.io/my-app:v1 started, cordoned
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// Uncordon takes a machine back into traffic.
func ExampleApp_Uncordon() {
	app, fly := simulated("app=iad:2")
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.Uncordon(ctx, "17810000000001"))
	show(fly)
	// Output:
	// <nil>
	// <nil>
	// 17810000000001 registry.fly.io/my-app:v1 started
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// AwaitIdle returns when the last connections have ended by themselves.
func ExampleApp_AwaitIdle() {
	app, fly := simulated("app=iad:2")
	connect(fly, 4, 30*time.Millisecond)
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.AwaitIdle(ctx, "17810000000001"))
	fly.Do(func(w *draintest.World) { fmt.Print(w.Account) })
	// Output:
	// <nil>
	// <nil>
	// opened 4  ended 4  open 0  refused 0  cut 0
}

// What does not end keeps its machine, also after a deadline, unless AtDeadline
// says otherwise.
func ExampleApp_AwaitIdle_deadline() {
	app, fly := simulated("app=iad:2")
	connect(fly, 4, time.Hour)
	app.Deadline = 10 * time.Millisecond
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.AwaitIdle(ctx, "17810000000001"))
	// Output:
	// <nil>
	// not idle: machine 17810000000001 of my-app, 10ms after its cordon: 2 connections
}

// Stop stops machines that are out of traffic, and no others.
func ExampleApp_Stop() {
	app, fly := simulated("app=iad:2")
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.Stop(ctx, "17810000000001"))
	fmt.Println(app.Stop(ctx, "17810000000002"))
	show(fly)
	// Output:
	// <nil>
	// <nil>
	// refused: machine 17810000000002 of my-app is not cordoned, so it may take traffic: it is left alone
	// 17810000000001 registry.fly.io/my-app:v1 stopped, cordoned
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// Destroy stops a machine first. One that is gone already is what was wanted.
func ExampleApp_Destroy() {
	app, fly := simulated("app=iad:2")
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.Destroy(ctx, "17810000000001"))
	fmt.Println(app.Destroy(ctx, "17810000000001"))
	show(fly)
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// Autostop replaces the machine's VM, so it refuses one that has connections.
func ExampleApp_Autostop() {
	app, fly := simulated("app=iad:2")
	connect(fly, 3, time.Hour)
	ctx := context.Background()
	fmt.Println(app.Cordon(ctx, "17810000000001"))
	fmt.Println(app.Autostop(ctx, "17810000000001"))
	fly.Do(func(w *draintest.World) { w.HangUp("17810000000001", 2) })
	fmt.Println(app.Autostop(ctx, "17810000000001"))
	// Output:
	// <nil>
	// refused: machine 17810000000001: 2 connections: its update would end them (LoseConnections lets it)
	// <nil>
}

// The steps of an App are sources and stages of script's pipes, one id a line.
func ExampleApp_Steps() {
	app, _ := simulated("app=iad:2", "worker=iad:1")
	s := app.Steps(context.Background())
	workers, err := s.Blue().Reject("17810000000001").CountLines()
	fmt.Println(workers, err)
	// Output: 2 <nil>
}

// Through gives the pipe to go on with: here the machines that have gone are counted.
func ExampleThrough() {
	app, _ := simulated("app=iad:3")
	s := app.Steps(context.Background())
	p := drain.Through(script.Slice([]string{"17810000000001", "17810000000002"}), s.Cordon, s.AwaitIdle, s.Destroy)
	gone, err := p.CountLines()
	fmt.Println(gone, err)
	// Output: 2 <nil>
}

// Run returns when every step has ended, with the first error. What a step that
// failed did not hand on, no step after it touches.
func ExampleRun() {
	app, fly := simulated("app=iad:1")
	s := app.Steps(context.Background())
	err := drain.Run(s.Blue(), s.Cordon, s.AwaitIdle, s.Destroy)
	fmt.Println(err)
	show(fly)
	// Output:
	// refused: cordoning 1 machines of my-app would leave no machine that takes traffic in group app in iad
	// 17810000000001 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}
