//go:build unix && !linux

package server

import "syscall"

// child makes a process its own group.
func child() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
