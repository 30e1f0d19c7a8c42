package draintest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestScripts(t *testing.T) { testscript.Run(t, Params("testdata/script")) }

func TestAnotherExitCodeThanWantedFailsASessionAndNamesTheProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "other-code.txtar")
	if err := os.WriteFile(file, []byte("exits 4 flysim frobnicate now\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	p := Params("")
	p.Files = []string{file}
	log := &told{T: t}
	func() {
		defer func() { _ = recover() }()
		testscript.RunT(log, p)
	}()
	if want := "exit code 1, want 4: flysim frobnicate now"; !strings.Contains(log.text, want) {
		t.Errorf("%s\nwant %s", log.text, want)
	}
}

// told is a test that may fail, and keeps what it says.
type told struct {
	*testing.T
	text string
}

func (t *told) Parallel()                          {}
func (t *told) Verbose() bool                      { return false }
func (t *told) Run(_ string, f func(testscript.T)) { f(t) }
func (t *told) Log(args ...any)                    { t.text += fmt.Sprint(args...) }
func (t *told) Fatal(args ...any)                  { t.Log(args...); t.FailNow() }
func (t *told) FailNow()                           { panic("failed") }
