package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"demo": draintest.InBubble(main), "flyctl": draintest.Main, "flysim": draintest.Sim})
}

func TestSessions(t *testing.T) { testscript.Run(t, draintest.Params("testdata")) }
