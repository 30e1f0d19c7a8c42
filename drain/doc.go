// Package drain deploys Fly.io apps blue-green without cutting a connection.
//
// Green machines are made beside blue ones and checked, traffic moves to green
// at once, blue takes no new connection, and each blue machine goes only when
// its last connection has. All of it is done by the flyctl binary.
//
// # Two ways to use it
//
// [Release] does the whole job, for one app or for several that change over
// together:
//
//	release := drain.Release{Apps: []*drain.App{drain.New("my-app")}}
//	report, err := release.Deploy(ctx)
//
// An [App] has a method for each step, and [App.Steps] gives the same steps for
// script pipes:
//
//	s := drain.New("my-app").Steps(ctx)
//	image, err := s.Build().String()                            // build, push
//	blue, err := s.Blue().Slice()                               // who serves now
//	err = drain.Run(s.Green(image), s.AwaitHealthy, s.Uncordon) // green beside blue, as strong as blue
//	err = drain.Run(script.Slice(blue), s.Cordon, s.AwaitIdle, s.Destroy)
//
// # What is promised when a phase returns
//
//   - Check: nothing was changed, but for cordons that put right what a dead run
//     left. The app can be released blue-green.
//   - Build: the image is in the registry.
//   - Prepare: for each process group, region and size there are as many green
//     machines as blue ones, marked as this release's, and out of traffic.
//   - Gate: each green machine runs and passed all its checks on two lists in a
//     row, and the release's own check agreed. Blue was not touched.
//   - Cutover: green of all apps takes traffic, blue of all apps takes no new
//     connection, and in each group and region as many machines take traffic as
//     when the release began.
//   - Drain: each blue machine was destroyed after it had been idle, or is named
//     in the report as left.
//
// Each phase ends for all apps before the next begins. A phase that fails before
// the cutover leaves blue as it was; one that fails in it takes blue back in
// before it takes green out; and goes on instead where somebody has taken so much
// of blue away that green must stay. A run that dies anywhere leaves nothing that the
// next run does not put right, as all there is to know is in the machine list:
// green carries the environment variable FLYDRAIN, with the release's id, how many
// apps it has, and how many machines.
//
// # What is not promised
//
//   - That green takes no traffic before its hold: flyctl registers a machine as
//     it makes it. Green is cordoned while it boots, within a second or two; the
//     event [Held] says how long that was, and a machine that may have taken
//     traffic in it leaves only by drain.
//   - That Fly's proxy keeps the connections of a cordoned machine. Fly's people
//     say so, and others' deploys rely on it; nothing here can enforce it.
//   - Anything about machines with volumes: those are refused.
//   - Connections that end because the app, the client or the network ends them.
//
// # What is never touched
//
// Machines that "fly deploy" does not manage (made by "fly machine run", say)
// are never changed and never counted. What is not known is never taken for the
// best: a probe that does not answer keeps a machine, an empty list is not an
// empty app, and a list that does not say what is cordoned is refused.
package drain
