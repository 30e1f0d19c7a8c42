package draintest

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"flyctl": Main, "flysim": Sim})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv(folderVariable, e.WorkDir+"/sim")
			e.Setenv("FLY_API_TOKEN", "of the test")
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each process sleeps a second under -race
			return os.MkdirAll(e.WorkDir+"/empty", 0o777)
		},
	})
}
