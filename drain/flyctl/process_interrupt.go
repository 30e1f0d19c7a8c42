//go:build unix

package flyctl

import (
	"errors"
	"os"
	"syscall"
)

// interrupt reaches the whole process group, as a Ctrl-C in a terminal would: if
// FLYCTL is a script, flyctl itself is a child of it.
func interrupt(p *os.Process) error {
	if err := p.Signal(syscall.Signal(0)); err != nil {
		return err // it has ended, and its id may be another's by now
	}
	if err := syscall.Kill(-p.Pid, syscall.SIGINT); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return os.ErrProcessDone
}
