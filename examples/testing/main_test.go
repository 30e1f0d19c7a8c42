package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

// The sessions may run the deploy script, whose waits take no time; a flyctl that talks
// to the simulated Fly in $FLYDRAIN_SIM; and flysim, which sets that up and asks it
// ("flysim help").
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deploy": draintest.InBubble(main), "flyctl": draintest.Main, "flysim": draintest.Sim})
}

func TestDeploy(t *testing.T) { testscript.Run(t, draintest.Params("testdata")) }
