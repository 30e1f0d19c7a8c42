//go:build !darwin && !linux

package view

// hideInterrupts does nothing where it is not known how.
func hideInterrupts(uintptr) (undo func()) { return func() {} }
