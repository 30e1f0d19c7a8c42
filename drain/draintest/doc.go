// Package draintest is a simulated Fly behind flyctl's command line.
//
// A [World] is plain data: apps, machines, a proxy with its connections, images,
// faults, rate limits, and an account of every connection. It has no goroutine
// and no clock; [World.Advance] moves it to a time. There are two ways to use it:
//
//   - [Fly] guards a World. Set a release's Flyctl to [Fly.Runner]. Its present is
//     time.Now, so under testing/synctest days of drain take milliseconds, and
//     outside of it a demo runs in real time.
//   - [Main] is a flyctl binary whose World lies in the folder that the environment
//     variable FLYDRAIN_SIM names, under a file lock, safe for several processes at
//     once. Its time passes by calls, never by sleeping. [Sim] is the tool that sets
//     that World up and prints what is in it, for testscript files.
//
// To test a deploy script of your own: in TestMain, testscript.Main with "deploy"
// for your main, "flyctl" for [Main] and "flysim" for [Sim]; in the test,
// testscript.Run with FLYDRAIN_SIM set to a folder of the script's. If the script has
// the flags of drain.Release.Flags, -list-every 10ms -propagation 0 -settle 0
// -poll 10ms -confirm 0 remove the waits that Fly needs and the simulated one does
// not. One wait stays: a run that finds another one's cutover half done looks for 40 s
// whether that run is still at work. See examples/testing.
//
// Both parse flyctl's arguments as flyctl does, make the same calls in the same
// order, and print what it prints; testdata/flyctl/transcripts.txt holds them to it.
//
// After each call that changes something the World checks the rules S1 to S5 (see the
// README) and keeps each breach in [World.Breaches].
//
// # What is not modelled
//
// Volumes beyond their number, IP addresses, secrets, certificates, logs, builders,
// flyctl's prompts on a terminal, and hosts beyond their status. Distance between
// regions is "the same" or "another". Clients are connections: requests on one, and
// hard limits, are not counted. A list is in the order in which machines were made.
package draintest
