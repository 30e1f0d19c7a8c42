// Flyctl is the simulated flyctl: the commands that flydrain runs, on the simulated Fly
// in the folder $FLYDRAIN_SIM, which flysim sets up. Name it by $FLYCTL.
package main

import "github.com/flydrain/flydrain/drain/draintest"

func main() { draintest.Main() }
