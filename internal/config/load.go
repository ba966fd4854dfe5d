package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const prefix = "STAFFETTA_"

// Sources is where settings are written.
type Sources struct {
	File  string            // the TOML file; empty: STAFFETTA_CONFIG, and without that none
	Env   []string          // as os.Environ gives it; only STAFFETTA_* is read
	Flags map[string]string // name without dashes → value, of those that were given
	Place bool              // only where the server is matters: how it serves is read, but not judged
}

// Error is one wrong setting.
type Error struct {
	Where   string // as the operator wrote it: "--listen", "STAFFETTA_LISTEN", "staffetta.toml: http.listen"
	Flag    bool   // it was a flag
	Message string
}

func (e *Error) Error() string { return e.Where + ": " + e.Message }

// Load reads all sources. Every error is for the operator, in one line.
func Load(from Sources) (*Config, error) {
	c := defaults()
	l := loader{config: &c, origin: map[string]Error{}}
	variables, err := l.variables(from.Env)
	if err != nil {
		return nil, err
	}
	file := from.File
	if file == "" {
		file = variables[prefix+"CONFIG"]
	}
	if file != "" {
		if err := l.file(file); err != nil {
			return nil, err
		}
	}
	for _, s := range settings {
		if value, ok := variables[s.variable()]; ok {
			if err := l.read(s, value, Error{Where: s.variable()}); err != nil {
				return nil, err
			}
		}
		if value, ok := from.Flags[s.name]; ok {
			if err := l.read(s, value, Error{Where: s.flag(), Flag: true}); err != nil {
				return nil, err
			}
		}
	}
	c.secret = variables[prefix+"SECRET"]
	return &c, l.validate(from.Place)
}

// loader remembers where each setting was written, so that an error can say it.
type loader struct {
	config *Config
	origin map[string]Error
}

func (l *loader) read(s setting, value string, at Error) error {
	l.origin[s.key] = at
	if err := s.read(l.config, value); err != nil {
		return l.wrong(s.key, "%w", err)
	}
	return nil
}

// wrong makes the error about one setting, named as the operator wrote it.
func (l *loader) wrong(key, format string, args ...any) error {
	at, ok := l.origin[key]
	if !ok {
		at.Where = key
	}
	at.Message = fmt.Errorf(format, args...).Error()
	return &at
}

// file reads the TOML file over the defaults.
func (l *loader) file(name string) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("configuration file %s: %w", name, plain(err))
	}
	meta, err := toml.Decode(string(content), l.config)
	if err != nil {
		return fmt.Errorf("configuration file %s: %s", name, describe(err))
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0].String()
		return fmt.Errorf("configuration file %s: unknown key %s%s", name, key, didYouMean(key, keys()))
	}
	for _, s := range settings {
		if meta.IsDefined(strings.Split(s.key, ".")...) {
			l.origin[s.key] = Error{Where: name + ": " + s.key}
			s.anchor(l.config, filepath.Dir(name))
		}
	}
	return nil
}

var wrongType = regexp.MustCompile(`^line (\d+) \(last key "(.*)"\): incompatible types: TOML value has type (\S+); destination has type (\S+)$`)

var typeNames = map[string]string{"string": "a string", "bool": "true or false", "boolean": "true or false", "int64": "an integer", "integer": "an integer", "float64": "a number",
	"slice": "an array", "[]interface {}": "an array"}

// describe says what is wrong with the text of the file, in the words of TOML.
func describe(err error) string {
	if wrong, ok := errors.AsType[toml.ParseError](err); ok {
		return fmt.Sprintf("line %d: %s", wrong.Position.Line, strings.TrimPrefix(wrong.Message, "toml: "))
	}
	text := strings.TrimPrefix(err.Error(), "toml: ")
	part := wrongType.FindStringSubmatch(text)
	if part == nil || typeNames[part[4]] == "" {
		return text
	}
	given := typeNames[part[3]]
	if given == "" {
		given = part[3]
	}
	return fmt.Sprintf("line %s: %s must be %s, not %s", part[1], part[2], typeNames[part[4]], given)
}

// Kubernetes puts such variables into every container beside a service named "staffetta".
var kubernetes = regexp.MustCompile(`^STAFFETTA_(SERVICE_(HOST|PORT)(_.*)?|PORT(_.*)?)$`)

// ofClients are the variables of programs that speak to a server; docs/guides and examples use them, in the same shell.
var ofClients = []string{prefix + "URL", prefix + "KEY", prefix + "USERNAME", prefix + "PASSWORD"}

// variables picks our variables out of the environment; an unknown one is an error, because it is a typing error.
func (l *loader) variables(env []string) (map[string]string, error) {
	known := []string{prefix + "CONFIG", prefix + "SECRET"}
	for _, s := range settings {
		known = append(known, s.variable())
	}
	found := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, prefix) || kubernetes.MatchString(name) || slices.Contains(ofClients, name) {
			continue
		}
		if !slices.Contains(known, name) {
			return nil, &Error{Where: name, Message: "unknown variable" + didYouMean(name, known)}
		}
		if value != "" {
			found[name] = value
		}
	}
	return found, nil
}
