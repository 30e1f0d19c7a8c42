package flyctl

import "syscall"

func sysProcAttr() *syscall.SysProcAttr {
	// SIGTERM lets flyctl give its leases back when we are killed.
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
