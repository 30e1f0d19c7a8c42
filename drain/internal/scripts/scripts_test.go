// Package scripts_test runs the sessions of testdata/script: programs that run the
// simulated flyctl as a process of its own.
package scripts_test

import (
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flydrain/flydrain/drain/draintest"
)

// scriptDir has the scripts.
var scriptDir = filepath.Join("..", "..", "..", "testdata", "script")

// planted is the token that all scripts run with, and that none may print.
const planted = "fo1_planted-token-that-nothing-prints"

func TestMain(m *testing.M) {
	// Scripts mostly wait; -parallel on the command line comes after this.
	_ = flag.Set("test.parallel", "16")
	testscript.Main(m, map[string]func(){"flyctl": draintest.Main, "flysim": draintest.Sim, "steps": draintest.InBubble(steps), "steps-now": stepsNow, "deploy": draintest.InBubble(tutorial)})
}

// Each of testdata/script is a session with programs that run the simulated
// flyctl; flysim sets the simulated Fly up and asks it.
func TestScript(t *testing.T) {
	t.Parallel()
	bin, err := exec.LookPath("steps")
	if err != nil {
		t.Fatal(err)
	}
	p := draintest.Params(scriptDir)
	p.Deadline, _ = t.Deadline()
	setup := p.Setup
	p.Setup = func(e *testscript.Env) error {
		err := setup(e)
		e.Setenv("FLY_API_TOKEN", planted)
		e.Setenv("BIN", filepath.Dir(bin)) // of the programs, for scripts without a PATH
		return err
	}
	testscript.RunT(quiet{t}, p)
}

// quiet is a test that has its scripts tell all they print, looks for the token in
// it, and shows of a script that failed only the part that did.
type quiet struct{ *testing.T }

func (q quiet) Verbose() bool { return true }

func (q quiet) Run(name string, f func(testscript.T)) {
	q.T.Run(name, func(t *testing.T) { f(quiet{t}) })
}

func (q quiet) Log(args ...any) {
	text := fmt.Sprint(args...)
	if strings.Contains(strings.Replace(text, "FLY_API_TOKEN="+planted, "", 1), planted) {
		q.Errorf("the token was printed:\n%s", text)
	}
	if at := strings.LastIndex(text, "\n#"); !testing.Verbose() && at >= 0 {
		text = text[at+1:]
	}
	q.T.Log(text)
}
