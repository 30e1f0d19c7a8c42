package draintest

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"flyctl": Main, "flysim": Sim})
}

func TestScripts(t *testing.T) { testscript.Run(t, Params("testdata/script")) }
