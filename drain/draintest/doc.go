// Package draintest is a simulated Fly behind flyctl's command line, for testing a
// deploy script without Fly. It takes ten minutes to see a script of yours succeed,
// and fail.
//
// # Test your script
//
// Beside its main.go, in main_test.go, give the script a flyctl that talks to the
// simulated Fly ([Main]), and flysim, which sets that up and asks it ([Sim]). Import
// this package and github.com/rogpeppe/go-internal/testscript, and run go mod tidy. The
// script takes flags here (drain's Release.Flags), as that of examples/testing does:
//
//	func TestMain(m *testing.M) {
//		testscript.Main(m, map[string]func(){"deploy": draintest.InBubble(main), "flyctl": draintest.Main, "flysim": draintest.Sim})
//	}
//
//	func TestDeploy(t *testing.T) { testscript.Run(t, draintest.Params("testdata")) }
//
// A session with the script is a file, testdata/release.txtar. In it the script runs in
// simulated time, which is the simulated Fly's ([InBubble]): an hour takes a moment. A
// session can bring a fly.toml of its own, in the txtar format, after its commands. That
// of examples/testing/testdata/check-refuses-large-machine.txtar does; else it is one of
// my-app with one group ([Params]).
//
//	exec flysim init
//	exec flysim app my-app app=iad:2
//	exec flysim connect my-app 4 -lives 40s
//	exec deploy -app my-app -image registry.fly.io/my-app:v2
//	exec flysim breaches
//	exec flysim account
//	stdout 'ended 4 .*cut 0'
//
// # Break it, and see it fail
//
// Put a mistake into the session, before the release:
//
//	exec flyctl machine stop 17810000000001 -a my-app
//
// Two clients are cut, and the session fails: flysim breaches exits 1, and names the
// command and the rules that it breaks. S1: fewer machines serve than when the run began.
// S2: the machine had connections. S4: nobody had counted them.
//
// Then put one of these there, and see what your script does when Fly fails. Where the
// release must fail write "exits 1 deploy" with the exit code that you want. Then the
// account says "cut 0" and more, and of the last one "cut 2", by somebody outside:
//
//	exec flysim fault machine uncordon -status 500 -times 2   # tried again: it succeeds
//	exec flysim image registry.fly.io/my-app:v2 -missing      # the old release stays
//	exec flysim image registry.fly.io/my-app:v2 -unhealthy    # the same, after 5 minutes
//	exec flysim destroy 17810000000001 -in 2s                 # somebody else does: taken back
//
// A script that cuts connections at a deadline needs "exec flysim set cuts-allowed true":
// rules S2 and S4 do not hold then, so look at the account. For commands that hang, and for
// interrupts, give main itself a name, too ([InBubble]).
//
// To copy all of this, take examples/testing.
//
// # The commands of flysim
//
// To set up an app:
//
//	init          a simulated Fly without apps
//	app           an app, with machines of each group in each region
//	machine       one more machine
//	image         what is special about an image: missing, unhealthy, crashing …
//	answer        what a command in a machine prints
//	mark          machines as a release of flydrain would have created them
//	volume        volumes that no machine has
//	connect       connections that stay for a time
//	load          connections that come all the while
//	set           a setting of the World: version, boot, limits-off …
//
// To let something go wrong:
//
//	fault, faults      a fault in some commands of flyctl; no more faults
//	hangup             clients that leave
//	cordon, destroy …  what somebody else does to a machine, now or in a while
//	advance            time that passes
//	await hang         waits until a command hangs
//	edge               lets real clients connect to the apps, until it is killed
//
// To look at the result:
//
//	list          the machines
//	calls         the flyctl commands that were run
//	account       what became of the connections
//	breaches      the rules that were broken; exits 1 where there are any
//	baseline      counts rule S1 from here
//
// Their arguments and flags:
//
//	go run github.com/flydrain/flydrain/drain/draintest/flysim help
//
// A typo is an error: an app, a group, a machine, a command or a rule must be there when
// it is named. Of a machine that the release will make a fault may name the id.
//
// # In a Go test
//
// [NewFly] puts a [World] behind [Fly.Runner], which a release takes as its Flyctl.
// Its time is time.Now. In a bubble of testing/synctest that is simulated: a drain of
// days, or a health timeout, takes milliseconds. The World is plain data. Add apps,
// connections, a [Load], a [Fault], or an [Action] of somebody else, and look at its
// Account and Breaches at the end. The app needs no fly.toml (see [World.AddApp]).
// examples/pipeline has such a test. [Fly.Dial] is for clients that really connect.
//
// # What it does not simulate
//
// Volumes beyond their number, addresses, secrets, builders, and prompts. Clients are
// connections, and reach a machine in their own region, or else in another. What only the
// real platform can tell is as flydrain believes it; go run ./scripts/prove looks.
package draintest
