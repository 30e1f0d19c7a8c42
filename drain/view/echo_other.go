//go:build !darwin && !linux

package view

// hideInterrupts does nothing on other systems.
func hideInterrupts(uintptr) (undo func()) { return func() {} }
