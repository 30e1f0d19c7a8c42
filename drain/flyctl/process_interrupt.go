//go:build unix

package flyctl

import (
	"errors"
	"os"
	"syscall"
)

// terminate interrupts or kills the whole process group, as a Ctrl-C in a terminal
// would: if FLYCTL is a script, flyctl itself is a child of it.
func terminate(p *os.Process, gently bool) error {
	if err := p.Signal(syscall.Signal(0)); err != nil {
		return err // it has ended, and its id may be another's by now
	}
	signal := syscall.SIGKILL
	if gently {
		signal = syscall.SIGINT
	}
	if err := syscall.Kill(-p.Pid, signal); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return os.ErrProcessDone
}

// killGroup kills what an ended command has left of its process group.
func killGroup(leader int) { _ = syscall.Kill(-leader, syscall.SIGKILL) }
