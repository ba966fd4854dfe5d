package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/sms"
)

// terminal is where a command was typed.
type terminal struct {
	streams
	context.Context
	place
}

// config reads the configuration; flags are those of serve beside the common ones, nil for the other commands.
func (t *terminal) config(flags map[string]string) (*config.Config, error) {
	all := map[string]string{"data": t.Data, "database": t.Database, "secret-file": t.SecretFile}
	for name, value := range flags {
		all[name] = value
	}
	for name, value := range all {
		if value == "" {
			delete(all, name)
		}
	}
	return config.Load(config.Sources{File: t.Config, Env: t.env, Flags: all, Place: flags == nil})
}

// folder says whether a command may make the data folder.
type folder bool

const (
	existing folder = false
	making   folder = true
)

// ask does an operation on the server that runs, or on the data folder when none does.
func ask[In, Out any](t *terminal, may folder, operation admin.Operation[In, Out], in In) (out Out, err error) {
	c, err := t.config(nil)
	if err != nil {
		return out, err
	}
	connection, err := admin.Connect(t, c, version, bool(may))
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	return operation.Do(t, connection, in)
}

// output is the flag of the commands that print data.
type output struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// print writes a value as JSON, or as people read it.
func (o output) print(t *terminal, value any, people func(w io.Writer)) error {
	if o.JSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(value)
	}
	table := tabwriter.NewWriter(t.out, 0, 0, 3, ' ', 0)
	people(table)
	return table.Flush()
}

// say writes one line for people; a command that prints data says it beside, not among the data.
func (t *terminal) say(format string, args ...any) {
	fmt.Fprintf(t.err, format+"\n", args...)
}

// explain makes one line of an error.
func explain(err error) string {
	text := err.Error()
	if refusal, ok := errors.AsType[*sms.Error](err); ok {
		text = refusal.Message
		if refusal.Code == sms.Invalid && len(refusal.Fields) > 0 {
			text = ""
			for _, field := range refusal.Fields {
				text += "; " + field.Field + ": " + field.Message
			}
			text = text[2:]
		}
		if refusal.Cause != nil {
			text += ": " + refusal.Cause.Error()
		}
	}
	return password.ReplaceAllString(strings.Join(strings.Fields(text), " "), "$1…")
}

// password finds what an error must not repeat of a URL, such as one that was typed where none belongs.
var password = regexp.MustCompile(`(://[^:@/\s]*:|[?&]password=)[^@&\s]+`)

// euro is an amount on the command line.
type euro sms.Money

// UnmarshalText reads euro with at most six decimals.
func (e *euro) UnmarshalText(text []byte) error {
	money, err := sms.ParseMoney(string(text))
	*e = euro(money)
	return err
}

// change is an amount with its sign.
type change sms.Money

// UnmarshalText reads +EUR or -EUR; an amount without a sign might be meant as the new credit.
func (c *change) UnmarshalText(text []byte) error {
	if !strings.HasPrefix(string(text), "+") && !strings.HasPrefix(string(text), "-") {
		return errors.New("write +10 to add 10 € or -10 to take them")
	}
	money, err := sms.ParseMoney(string(text))
	*c = change(money)
	return err
}
