//go:build !unix

package flyctl

import (
	"os"
	"syscall"
)

func sysProcAttr() *syscall.SysProcAttr { return nil }

func terminate(p *os.Process, gently bool) error { return p.Kill() }

func killGroup(int) {}
