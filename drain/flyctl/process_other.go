//go:build !unix

package flyctl

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

func sysProcAttr() *syscall.SysProcAttr { return nil }

// terminate kills what runs, and what that has started: if FLYCTL is a script, flyctl
// itself is a child of it. Windows knows children only as long as their parent
// lives. (Written by the documentation of taskkill: no Windows machine has run it yet.)
func terminate(p *os.Process, gently bool) error {
	if runtime.GOOS == "windows" {
		kill := exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid))
		kill.Env = environ(runtime.GOOS, os.Environ(), true)
		if kill.Run() == nil {
			return nil
		}
	}
	return p.Kill()
}

func killGroup(int) {}
