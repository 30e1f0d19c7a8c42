// Flysim sets up and asks the simulated Fly in the folder $FLYDRAIN_SIM. It lists its
// commands:
//
//	go run github.com/flydrain/flydrain/drain/draintest/flysim help
//
// Test scripts get it from [draintest.Sim], so they need not install it. By hand, build
// it together with the simulated flyctl (drain/draintest/flyctl), as the README shows.
package main

import "github.com/flydrain/flydrain/drain/draintest"

func main() { draintest.Sim() }
