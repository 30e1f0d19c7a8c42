//go:build darwin || linux

package view

import (
	"syscall"

	"github.com/charmbracelet/x/term"
)

// hideInterrupts keeps a terminal from showing ^C in the middle of a picture. It
// returns what undoes that.
func hideInterrupts(fd uintptr) (undo func()) {
	was, err := term.GetState(fd)
	if err != nil {
		return func() {}
	}
	now := *was
	now.Lflag &^= syscall.ECHOCTL
	_ = term.SetState(fd, &now) // else it is shown
	return func() { _ = term.SetState(fd, was) }
}
