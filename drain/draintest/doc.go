// Package draintest is a simulated Fly behind flyctl's command line, for testing a
// deploy script without Fly. It takes ten minutes to see a script of yours succeed,
// and fail.
//
// # Test your script
//
// Beside its main.go, in main_test.go, give the script a flyctl that talks to the
// simulated Fly ([Main]), and flysim, which sets that up and asks it ([Sim]):
//
//	func TestMain(m *testing.M) {
//		testscript.Main(m, map[string]func(){"deploy": main, "flyctl": draintest.Main, "flysim": draintest.Sim})
//	}
//
//	func TestDeploy(t *testing.T) {
//		testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(e *testscript.Env) error {
//			e.Setenv("FLYDRAIN_SIM", filepath.Join(e.WorkDir, "sim")) // where the simulated Fly lies
//			e.Setenv("FLY_API_TOKEN", "any")
//			return nil
//		}})
//	}
//
// A session with the script is a file, testdata/release.txtar. Time passes by
// commands, a second for each, so the script's flags take away the waits for Fly:
//
//	exec flysim init
//	exec flysim app my-app app=iad:2
//	exec flysim connect my-app 4 -lives 40s
//	exec deploy -app my-app -image registry.fly.io/my-app:v2 -list-every 10ms -propagation 0 -settle 0 -poll 10ms -confirm 0
//	exec flysim account
//	stdout 'ended 4 .*cut 0'
//	exec flysim breaches
//	-- fly.toml --
//	app = "my-app"
//	primary_region = "iad"
//	[http_service]
//	internal_port = 8080
//	[[http_service.checks]]
//	path = "/"
//
// # Break it, and see it fail
//
// Let the script do by hand what flydrain would not; before the release, say:
//
//	exec flyctl machine stop 17810000000001 -a my-app
//
// Two clients are cut, and flysim breaches, which exits 1, names the command and the
// rules: S1, fewer machines serve than when the run began; S2, it had connections; S4,
// nobody had looked. Then let Fly fail, and see what your script makes of it:
//
//	exec flysim fault machine uncordon -status 500 -times 2   # it is asked again
//	exec flysim image registry.fly.io/my-app:v2 -missing      # the old release stays
//	exec flysim destroy 17810000000001 -in 10s                # somebody else at work
//
// flysim help lists the rest, and examples/testing is this, to copy.
//
// # In a Go test
//
// [NewFly] puts a [World] behind [Fly.Runner], which a release takes as its Flyctl.
// Its present is time.Now: in a bubble of testing/synctest a drain of days takes
// milliseconds. The World is plain data: add apps, connections, a [Load], a [Fault], an
// [Action] of somebody else's, and look at its Account and Breaches at the end. It has
// no volumes beyond their number, addresses, secrets, builders or prompts; clients are
// connections, and a region is the client's or another.
package draintest
