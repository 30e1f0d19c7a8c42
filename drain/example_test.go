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
)

// simulated returns a release on a simulated Fly where everything is there at once.
// In your program that is one line: r := drain.New("my-app").
func simulated(shapes ...string) (drain.Release, *draintest.Fly) {
	w := draintest.New(time.Now())
	w.Boot, w.Health, w.Latency, w.Propagation, w.LimitsOff = 0, 0, 0, 5*time.Millisecond, true
	if err := w.AddApp("my-app", shapes...); err != nil {
		panic(err)
	}
	fly := draintest.NewFly(w)
	r := drain.New("my-app")
	r.Flyctl = fly.Runner()
	r.Propagation, r.Settle, r.Smoke = 20*time.Millisecond, drain.None, drain.None
	r.ListEvery, r.Poll, r.Confirm = time.Millisecond, time.Millisecond, time.Millisecond
	return r, fly
}

// connect opens connections to an app. Each ends after a while.
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

// An app goes from blue to green in five steps, and no connection is cut.
func Example() {
	r, fly := simulated("app=iad:2")
	connect(fly, 5, 50*time.Millisecond)

	s := r.Steps(context.Background())
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
	if err := drain.Run(s.Green(image), s.AwaitHealthy, s.Uncordon, s.AwaitRouting); err != nil {
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
	r, fly := simulated("app=iad:1")
	connect(fly, 3, 50*time.Millisecond)
	r.Apps[0].Image = "registry.fly.io/my-app:v2"

	report, err := r.Deploy(context.Background())
	fmt.Println(report, err)
	fmt.Println("blue", report.Apps[0].Blue, "green", report.Apps[0].Green, "destroyed", report.Apps[0].Destroyed)
	show(fly)
	// Output:
	// done: my-app <nil>
	// blue [17810000000001] green [17810000000002] destroyed [17810000000001]
	// 17810000000002 registry.fly.io/my-app:v2 started
	// opened 3  ended 3  open 0  refused 0  cut 0
}

// New returns a plain value with all settings by default. An app's own settings win.
func ExampleNew() {
	r := drain.New("api", "web")
	r.SoftLimit = true                         // a machine is idle at its own soft_limit
	r.Deadline = 2 * time.Hour                 // wait so long for it, and then
	r.AtDeadline = drain.KeepMachine           // leave it as it is, and say so
	r.Apps[1].Deadline = 12 * time.Hour        // web's clients stay for longer
	r.Apps[1].Settle = 30 * time.Second        // and are slow to reconnect
	r.Apps[1].Args = []string{"--remote-only"} // for flyctl's build
	fmt.Println(r.Apps[0].Name, r.Apps[1].Name)
	// Output: api web
}

// Build returns one line. It ends with a newline, which Green drops.
func ExampleSteps_Build() {
	r, _ := simulated("app=iad:1")
	image, err := r.Steps(context.Background()).Build().String()
	if err != nil {
		fmt.Println(err)
		return
	}
	name, label, _ := strings.Cut(image, ":")
	fmt.Println(name, label[:len("flydrain-")]) // and the time
	// Output: registry.fly.io/my-app flydrain-
}

// Machines are all that "fly deploy" manages, also what is cordoned.
func ExampleSteps_Machines() {
	r, fly := simulated("app=iad:1,lhr:1", "worker=iad:1")
	fly.Do(func(w *draintest.World) {
		w.AddMachine("my-app", "", "iad", "registry.fly.io/my-app:cron")
		w.Do(draintest.Action{Kind: "cordon", Machine: "17810000000002"})
	})
	fmt.Println(r.Steps(context.Background()).Machines().Slice())
	// Output: [17810000000001 17810000000002 17810000000003] <nil>
}

// Blue is who serves now.
func ExampleSteps_Blue() {
	r, fly := simulated("app=iad:3")
	fly.Do(func(w *draintest.World) { w.Do(draintest.Action{Kind: "cordon", Machine: "17810000000002"}) })
	fmt.Println(r.Steps(context.Background()).Blue().Slice())
	// Output: [17810000000001 17810000000003] <nil>
}

// Green is as strong as blue in each group and region, and does not serve yet.
func ExampleSteps_Green() {
	r, fly := simulated("app=iad:1,lhr:1")
	green, err := r.Steps(context.Background()).Green("registry.fly.io/my-app:v2").Slice()
	if err != nil {
		fmt.Println(err)
		return
	}
	fly.Do(func(w *draintest.World) {
		for _, id := range green {
			m := w.Machine(id)
			fmt.Println(m.Group(), m.Region, "cordoned:", m.Cordoned)
		}
		fmt.Println("machines:", len(w.Live("my-app")))
	})
	// Output:
	// app iad cordoned: true
	// app lhr cordoned: true
	// machines: 4
}

// AwaitHealthy stands between Green and Uncordon. Where it gives up, it says of
// each machine what it lacks.
func ExampleSteps_AwaitHealthy() {
	r, fly := simulated("app=iad:1")
	r.HealthTimeout = 20 * time.Millisecond
	s := r.Steps(context.Background())
	green, err := s.Green("registry.fly.io/my-app:v2").Slice()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(drain.Run(script.Slice(green), s.AwaitHealthy))

	fly.Do(func(w *draintest.World) { w.Do(draintest.Action{Kind: "sick", Machine: green[0]}) })
	err = drain.Run(script.Slice(green), s.AwaitHealthy)
	fmt.Println(errors.Is(err, drain.ErrNotHealthy))
	// Output:
	// <nil>
	// true
}

// Cordon refuses to leave no machine that serves.
func ExampleSteps_Cordon() {
	r, fly := simulated("app=iad:2")
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon))
	fmt.Println(drain.Run(s.Machines(), s.Cordon))
	show(fly)
	// Output:
	// <nil>
	// refused: cordoning 2 machines of my-app would leave no machine that serves in group app in iad
	// 17810000000001 registry.fly.io/my-app:v1 started, cordoned
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// Uncordon lets a machine get new connections.
func ExampleSteps_Uncordon() {
	r, fly := simulated("app=iad:2")
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon, s.Uncordon))
	show(fly)
	// Output:
	// <nil>
	// 17810000000001 registry.fly.io/my-app:v1 started
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// AwaitRouting stands between an Uncordon and the Cordon of what served before:
// without it, proxies may send clients to neither.
func ExampleSteps_AwaitRouting() {
	r, fly := simulated("app=iad:2")
	fly.Do(func(w *draintest.World) { w.Do(draintest.Action{Kind: "cordon", Machine: "17810000000002"}) })
	r.Propagation = 200 * time.Millisecond
	s := r.Steps(context.Background())
	err := drain.Run(script.Echo("17810000000002"), s.Uncordon)
	fmt.Println(err)
	err = drain.Run(script.Echo("17810000000001"), s.Cordon)
	fmt.Println(errors.Is(err, drain.ErrRefused))
	err = drain.Run(script.Echo("17810000000001"), s.AwaitRouting, s.Cordon)
	fmt.Println(err)
	// Output:
	// <nil>
	// true
	// <nil>
}

// AwaitIdle hands a machine on when its last connections have ended by themselves.
func ExampleSteps_Exec() {
	r, _ := simulated("app=iad:1")
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Exec("cat /proc/net/sockstat")))
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Exec("/app/server drain")))
	// Output:
	// <nil>
	// in machine 17810000000001 of my-app, "/app/server drain" ended with exit code 127: exec: "/app/server": executable file not found in $PATH
}

func ExampleRelease_Status() {
	r, fly := simulated("app=iad:1")
	fly.Do(func(w *draintest.World) {
		w.Connect("my-app", "app", "iad", 2, 0)
		green := w.AddMachine("my-app", "app", "iad", "registry.fly.io/my-app:v2")
		w.Remark("20241122T200000Z-ab12/1/1", green.ID)
		w.Do(draintest.Action{Kind: "cordon", Machine: "17810000000001"})
	})
	status, err := r.Status(context.Background())
	for _, m := range status.Machines {
		fmt.Println(m.Machine, m.State, m.Role, m.Release, m.Connections)
	}
	fmt.Println(status.Next[0].Why, err)
	// Output:
	// 17810000000001 started drains  2 connections
	// 17810000000002 started serves 20241122T200000Z-ab12 <nil>
	// drain 1 machine of releases that no longer serve <nil>
}

func ExampleSteps_AwaitIdle() {
	r, fly := simulated("app=iad:2")
	connect(fly, 4, 30*time.Millisecond)
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon, s.AwaitIdle))
	fly.Do(func(w *draintest.World) { fmt.Print(w.Account) })
	// Output:
	// <nil>
	// opened 4  ended 4  open 0  refused 0  cut 0
}

// A machine whose connections do not end is kept, also after a deadline, unless
// AtDeadline says otherwise.
func ExampleSteps_AwaitIdle_deadline() {
	r, fly := simulated("app=iad:2")
	connect(fly, 4, time.Hour)
	r.Deadline = 10 * time.Millisecond
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon, s.AwaitIdle))
	// Output:
	// not idle: machine 17810000000001 of my-app is kept, though its deadline of 10ms is over: 2 connections
}

// Stop stops machines that are cordoned, and no others.
func ExampleSteps_Stop() {
	r, fly := simulated("app=iad:2")
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon, s.Stop))
	fmt.Println(drain.Run(script.Echo("17810000000002"), s.Stop))
	show(fly)
	// Output:
	// <nil>
	// refused: machine 17810000000002 of my-app is not cordoned, so it may serve: it is left alone
	// 17810000000001 registry.fly.io/my-app:v1 stopped, cordoned
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// Destroy stops a machine first. One that is gone already is what was wanted.
func ExampleSteps_Destroy() {
	r, fly := simulated("app=iad:2")
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon, s.Destroy))
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Destroy))
	show(fly)
	// Output:
	// <nil>
	// <nil>
	// 17810000000002 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}

// Autostop replaces the machine's VM, so it refuses one that has connections.
func ExampleSteps_Autostop() {
	r, fly := simulated("app=iad:2")
	connect(fly, 3, time.Hour)
	s := r.Steps(context.Background())
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Cordon, s.Autostop))
	fly.Do(func(w *draintest.World) { w.HangUp("17810000000001", 2) })
	fmt.Println(drain.Run(script.Echo("17810000000001"), s.Autostop))
	// Output:
	// refused: machine 17810000000001 of my-app: 2 connections, and its update would end them: put AwaitIdle before Autostop
	// <nil>
}

// Steps are sources and stages of script's pipes, one id a line.
func ExampleRelease_Steps() {
	r, _ := simulated("app=iad:2", "worker=iad:1")
	s := r.Steps(context.Background())
	fmt.Println(s.Blue().Reject("17810000000001").CountLines())
	// Output: 2 <nil>
}

// Run returns when every step has ended, with the first error. What a step that
// failed did not hand on, no step after it touches.
func ExampleRun() {
	r, fly := simulated("app=iad:1")
	s := r.Steps(context.Background())
	err := drain.Run(s.Blue(), s.Cordon, s.AwaitIdle, s.Destroy)
	fmt.Println(err)
	show(fly)
	// Output:
	// refused: cordoning 1 machines of my-app would leave no machine that serves in group app in iad
	// 17810000000001 registry.fly.io/my-app:v1 started
	// opened 0  ended 0  open 0  refused 0  cut 0
}
