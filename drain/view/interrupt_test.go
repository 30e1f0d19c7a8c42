package view_test

import (
	"errors"
	"io"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestASecondInterruptEndsTheProgramAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program cannot interrupt itself there")
	}
	last := "ended at once, and what was under way is not finished; to finish or undo it: deploy -app chat -resume\n"
	for name, full := range map[string]bool{"its last words are read": false, "nobody reads them": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the end is a second late where nobody reads
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if full {
				_ = w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
				_, _ = w.Write(make([]byte, 1<<20)) // more than a pipe takes
			}
			cmd := command("interrupt twice")
			cmd.Stderr = w
			if err := errors.Join(cmd.Start(), w.Close()); err != nil {
				t.Fatal(err)
			}
			tooLate := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			defer tooLate.Stop()
			if err := cmd.Wait(); err == nil || err.Error() != "signal: interrupt" {
				t.Errorf("it ended by: %v", err)
			}
			if got, err := io.ReadAll(r); !full && string(got) != last {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}
