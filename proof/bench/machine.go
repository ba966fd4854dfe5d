package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/staffetta/staffetta/internal/pgtest"
)

// machine names what the figures were measured on.
type machine struct {
	Processor  string `json:"processor"`
	Cores      int    `json:"cores"`
	Kernel     string `json:"kernel"`
	Filesystem string `json:"filesystem"`
	Go         string `json:"go"`
	Kannel     string `json:"kannel"`
	PostgreSQL string `json:"postgresql"` // version and settings
	Load       string `json:"load"`       // of the machine before the run: 1, 5 and 15 minutes
}

func describeMachine(folder string) machine {
	m := machine{Processor: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, after, _ := strings.Cut(string(info), "model name")
		line, _, _ := strings.Cut(after, "\n")
		m.Processor = strings.TrimLeft(line, "\t :")
	}
	m.Kernel = output("uname", "-sr")
	m.Kannel, m.PostgreSQL = "no Kannel", "no PostgreSQL"
	if _, after, ok := strings.Cut(output("bearerbox", "--version"), "version `"); ok {
		version, _, _ := strings.Cut(after, "'")
		m.Kannel = "Kannel " + version
	}
	if bin := pgtest.Binaries(); bin != "" {
		m.PostgreSQL = output(filepath.Join(bin, "postgres"), "--version") + ": " + strings.Join(postgresSettings, " ")
	}
	m.Filesystem = strings.Join(strings.Fields(output("findmnt", "-n", "-o", "FSTYPE,SOURCE,OPTIONS", "--target", folder)), " ")
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load = strings.Join(strings.Fields(string(load))[:3], " ")
	}
	return m
}

// output is what a program prints, "unknown" where there is no such program.
func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s, %s\n%s; load average before: %s\n%s; %s\nGateway, load and carrier share the cores. Staffetta has every accepted message on disk before its answer.",
		m.Processor, m.Cores, m.Kernel, m.Go, m.Filesystem, m.Load, m.Kannel, m.PostgreSQL)
}
