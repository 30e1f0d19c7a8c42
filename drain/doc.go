// Package drain releases Fly.io apps blue-green without cutting a connection.
//
// It creates green machines beside the blue ones that serve, checks them, and moves
// new connections to green at once. Each blue machine keeps the connections it has,
// and is destroyed only when the last of them has ended. The flyctl binary does all
// of it.
//
// # A whole release
//
// Start with [New]. What it returns is a plain value; set what differs from the
// defaults, and call a method. A whole script:
//
//	func main() { os.Exit(view.Deploy(drain.New("my-app"))) }
//
// The same without package view, for two apps that change over together:
//
//	r := drain.New("api", "web")
//	r.Deadline = 12 * time.Hour        // for both
//	r.Apps[1].Deadline = 2 * time.Hour // but for web
//	report, err := r.Deploy(ctx)
//	fmt.Fprintln(os.Stderr, report)
//	os.Exit(report.ExitCode())
//
// [Release.Rollback] goes back while the release before still drains (Bake keeps it
// whole for so long), [Release.Resume] repairs what a run that died left,
// [Release.Drain] finishes drains, [Release.Plan] says what one of these would do, and
// [Release.Status] what serves and what drains.
//
// # Connections that never end
//
// WebSockets can last for days. OnDrain is a command that runs in each machine when
// its drain begins, so that the app asks its clients to reconnect. A Deadline keeps or
// stops what is left then. It holds over runs and releases. Any number of them can
// drain at once.
//
// # Steps, for pipes
//
// [Release.Steps] returns each part of a release as a step for script pipes over
// lines of one machine id each:
//
//	s := drain.New("my-app").Steps(ctx)
//	blue, err := s.Blue().Slice() // the machines that serve now
//	err = drain.Run(s.Green(""), s.AwaitHealthy, s.Uncordon, s.AwaitRouting) // green beside blue, as strong as blue
//	err = drain.Run(script.Slice(blue), s.Cordon, s.AwaitIdle, s.Destroy)    // each goes after its last connection
//
// A step refuses what is unsafe: Cordon, for example, refuses while routing may not
// yet know of green. A release also goes back when something fails; a pipe does not.
//
// # What is promised when a phase returns
//
//   - Check: nothing was changed, except cordons that repair what a dead run left.
//     The app can be released blue-green.
//   - Build: the image is in the registry.
//   - Prepare: for each process group, region and size there are as many green
//     machines as blue ones. They are marked as this release's, and cordoned.
//   - Gate: each green machine runs and passed all its checks on two lists in a
//     row, and the release's own Check agreed. Blue was not touched.
//   - Cutover: green of all apps is uncordoned, and blue of all apps cordoned. In each
//     group and region as many machines serve as when the release began.
//   - Drain: each blue machine was destroyed after it had been idle, or the report
//     names it as still draining.
//   - Undo, after one of these has failed: blue serves, and green is removed, or the
//     report names what is left.
//
// A phase that fails before the cutover leaves blue as it was. One that fails in it
// uncordons blue before it cordons green; if somebody removed so many blue machines
// that green is needed, it completes instead. A run that dies anywhere leaves nothing
// that the next run does not repair. All there is to know is in the machine list: green
// has the environment variable FLYDRAIN, with the release's id, how many apps it has,
// how many machines, the names of its apps where it has several, and the release that
// served before.
//
// # What is not promised
//
//   - That green serves nobody before its hold: flyctl registers a machine as it
//     creates it. Green is cordoned while it boots, within a second or two. The event
//     [EventHeld] says how long that was. A machine that may have served in that time
//     is drained, not destroyed at once.
//   - That Fly's proxy keeps the connections of a cordoned machine. Fly's people
//     say so, and others' deploys rely on it. Nothing here can enforce it, and "go run
//     ./scripts/prove" looks on your account.
//     https://community.fly.io/t/a-new-deployment-strategy-beyond-bluegreen/28132
//     https://github.com/fastrepl/anarlog/pull/7572
//   - That a connection outlives Fly's proxy: where that is restarted, it ends what is
//     still open ten minutes later. https://fly.io/docs/mpg/client-configuration/
//   - Anything about machines with volumes: those are refused.
//   - Connections that the app, the client or the network ends, or Fly, when it moves a
//     machine to another host.
//   - That clients go to green which find machines by .internal: a cordon does not
//     change what DNS says.
//
// # What is never touched
//
// Machines that "fly deploy" did not create (by "fly machine run", say) are never
// changed and never counted. Unknown never counts as good: a machine whose probe does
// not answer is kept, an empty list is not an empty app, and a list that does not say
// what is cordoned is refused.
package drain
