package view_test

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestASecondInterruptEndsTheProgramAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program cannot interrupt itself there")
	}
	cmd := command("interrupt twice")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tooLate := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer tooLate.Stop()
	if err := cmd.Wait(); err == nil || err.Error() != "signal: interrupt" {
		t.Errorf("it ended by: %v", err)
	}
	if got := stderr.String(); got != "ended at once, and what was under way is not finished; to finish or undo it: deploy -app chat -resume\n" {
		t.Errorf("%q", got)
	}
}
