package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is that of the next release until it is tagged.
const version = "0.1.0-dev"

type versionCommand struct{ output }

func (versionCommand) Help() string {
	return `Example:

    staffetta version --json`
}

type versionAnswer struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (c versionCommand) Run(t *terminal) error {
	answer := versionAnswer{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				answer.Revision = setting.Value
			}
		}
	}
	return c.print(t, answer, func(w io.Writer) {
		fmt.Fprintln(w, strings.Join(strings.Fields("staffetta "+answer.Version+" "+answer.Revision+" "+answer.Go+" "+answer.Platform), " "))
	})
}
