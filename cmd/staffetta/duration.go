package main

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// duration is a length of time on the command line: 30s, 15m, 24h, 90d.
type duration time.Duration

// UnmarshalText reads what time.ParseDuration reads, and whole days.
func (d *duration) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			*d = duration(n) * duration(24*time.Hour)
			return nil
		}
	}
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return errors.New("must be a length of time such as 30s, 15m, 24h or 90d")
	}
	*d = duration(parsed)
	return nil
}
