// Package drain deploys Fly.io apps blue-green without cutting a connection.
//
// Green machines are made beside blue ones and checked, traffic moves to green
// at once, blue takes no new connection, and each blue machine goes only when
// its last connection has. All of it is done by the flyctl binary.
//
// An [App] has a method for each step. [App.Steps] gives the same steps for
// script pipes:
//
//	s := drain.New("my-app").Steps(ctx)
//	image, err := s.Build().String()                              // build, push
//	blue, err := s.Blue().Slice()                                 // who serves now
//	err = drain.Run(s.Green(image), s.AwaitHealthy, s.Uncordon)   // green beside blue, as strong as blue
//	err = drain.Run(script.Slice(blue), s.Cordon, s.AwaitIdle, s.Destroy)
//
// # What is never touched
//
// Machines that "fly deploy" does not manage (made by "fly machine run", say)
// are never changed and never counted. What is not known is never taken for the
// best: a probe that does not answer keeps a machine, an empty list is not an
// empty app, and a list that does not say what is cordoned is refused.
package drain
