package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

// The scripts may run the deploy script, a flyctl that talks to the simulated Fly
// in $FLYDRAIN_SIM, and flysim, which sets that up and asks it ("flysim help").
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deploy": main, "flyctl": draintest.Main, "flysim": draintest.Sim})
}

func TestDeploy(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(e *testscript.Env) error {
		e.Setenv("FLYDRAIN_SIM", filepath.Join(e.WorkDir, "sim"))
		e.Setenv("FLY_API_TOKEN", "any")
		e.Setenv("GORACE", "atexit_sleep_ms=0") // else each program sleeps a second under -race
		return nil
	}})
}
