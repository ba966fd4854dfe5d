package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDefaults(t *testing.T) {
	c, err := Load(Sources{Env: []string{"HOME=/root", "STAFFETTA_LISTEN="}})
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	if diff := cmp.Diff(&want, c, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Error(diff)
	}
}

func TestPrecedence(t *testing.T) {
	file := write(t, "s.toml", "data = \"/file\"\n[http]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\nformat = \"json\"\n")
	c, err := Load(Sources{
		File:  file,
		Env:   []string{"STAFFETTA_LISTEN=127.0.0.1:2", "STAFFETTA_LOG_LEVEL=error"},
		Flags: map[string]string{"listen": "127.0.0.1:3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.HTTP.Listen, c.Log.Level, c.Log.Format, c.Data}
	if diff := cmp.Diff([]string{"127.0.0.1:3", "error", "json", "/file"}, got); diff != "" {
		t.Errorf("flag before variable before file before default: %s", diff)
	}
}

func TestFileNamedByVariable(t *testing.T) {
	file := write(t, "s.toml", `data = "/from/variable"`)
	c, err := Load(Sources{Env: []string{"STAFFETTA_CONFIG=" + file}})
	if err != nil || c.Data != "/from/variable" {
		t.Errorf("data %q, error %v", c.Data, err)
	}
}

func TestPathsOfTheFileAreTakenFromItsFolder(t *testing.T) {
	file := write(t, "s.toml", "data = \"d\"\nsecret_file = \"/abs\"\n")
	c, err := Load(Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(filepath.Dir(file), "d"); c.Data != want || c.SecretFile != "/abs" {
		t.Errorf("data %q, want %q; secret_file %q", c.Data, want, c.SecretFile)
	}
}

// Every field of the Config has one setting, and every setting is a key of the file, a flag and a variable.
func TestEverySettingIsReachable(t *testing.T) {
	var tags []string
	var walk func(at reflect.Type, path string)
	walk = func(at reflect.Type, path string) {
		for i := range at.NumField() {
			f := at.Field(i)
			tag := f.Tag.Get("toml")
			switch {
			case !f.IsExported() || tag == "-":
			case f.Type.Kind() == reflect.Struct:
				walk(f.Type, path+tag+".")
			default:
				tags = append(tags, path+tag)
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	if diff := cmp.Diff(tags, keys()); diff != "" {
		t.Error(diff)
	}
	var c Config
	for _, s := range settings {
		value := "true"
		if _, ok := s.field(&c).(*int64); ok {
			value = "1"
		}
		if err := s.read(&c, value); err != nil {
			t.Errorf("%s: %v", s.key, err)
		}
		if reflect.ValueOf(s.field(&c)).Elem().IsZero() {
			t.Errorf("%s: reading %q changed nothing", s.key, value)
		}
	}
}

func TestErrorsNameTheSetting(t *testing.T) {
	for name, test := range map[string]struct {
		file  string
		env   []string
		flags map[string]string
		want  string
	}{
		"unknown key, near":      {file: "[http]\nlisen = \"x\"", want: "s.toml: unknown key http.lisen; did you mean http.listen?"},
		"unknown key, no table":  {file: "listen = \"x\"", want: "s.toml: unknown key listen; did you mean http.listen?"},
		"unknown key, far":       {file: "colour = 1", want: "unknown key colour; known are data, database"},
		"unknown table":          {file: "[smtp]\nport = 25", want: "unknown key smtp"},
		"wrong type":             {file: "[http]\ninsecure_http = \"yes\"", want: "s.toml: line 2: http.insecure_http must be true or false, not a string"},
		"wrong type of a list":   {file: "[http]\ntrusted_proxies = \"10.0.0.1\"", want: "s.toml: line 2: http.trusted_proxies must be an array"},
		"not TOML":               {file: "data = \n", want: "s.toml: line 1:"},
		"twice":                  {file: "data = \"a\"\ndata = \"b\"", want: "line 2:"},
		"value in the file":      {file: "[http]\nlisten = \"8080\"", want: `s.toml: http.listen: "8080" must be an address and a port`},
		"value of a variable":    {env: []string{"STAFFETTA_LISTEN=8080"}, want: `STAFFETTA_LISTEN: "8080" must be an address`},
		"value of a flag":        {flags: map[string]string{"listen": "nope"}, want: `--listen: "nope" must be an address`},
		"port out of range":      {flags: map[string]string{"listen": ":65536"}, want: "--listen"},
		"named port":             {flags: map[string]string{"listen": "127.0.0.1:http"}, want: "--listen"},
		"unknown variable":       {env: []string{"STAFFETTA_LISTN=:1"}, want: "STAFFETTA_LISTN: unknown variable; did you mean STAFFETTA_LISTEN?"},
		"not a yes":              {env: []string{"STAFFETTA_INSECURE_HTTP=perhaps"}, want: "STAFFETTA_INSECURE_HTTP: must be true or false"},
		"plain on all addresses": {flags: map[string]string{"listen": ":8080"}, want: "--listen: :8080 is not a loopback address"},
		"plain on a name":        {flags: map[string]string{"listen": "example.test:80"}, want: "not a loopback address"},
		"plain on 0.0.0.0":       {env: []string{"STAFFETTA_LISTEN=0.0.0.0:1"}, want: "STAFFETTA_LISTEN: 0.0.0.0:1 is not a loopback address"},
		"certificate alone":      {flags: map[string]string{"tls-cert": "c"}, want: "--tls-cert: needs --tls-key too"},
		"key alone":              {flags: map[string]string{"tls-key": "k"}, want: "--tls-key: needs --tls-cert too"},
		"no certificate":         {flags: map[string]string{"tls-cert": "/no/c", "tls-key": "/no/k"}, want: "--tls-cert: there is no file /no/c"},
		"proxy":                  {file: "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"lb\"]", want: `s.toml: http.trusted_proxies: "lb" must be an IP address`},
		"level":                  {env: []string{"STAFFETTA_LOG_LEVEL=loud"}, want: `STAFFETTA_LOG_LEVEL: "loud" must be debug, info, warn or error`},
		"format":                 {flags: map[string]string{"log-format": "xml"}, want: `--log-format: "xml" must be text or json`},
		"no backlog":             {flags: map[string]string{"max-backlog": "0"}, want: "--max-backlog: must be 1 to 1000000000 messages"},
		"backlog in words":       {env: []string{"STAFFETTA_MAX_BACKLOG=many"}, want: "STAFFETTA_MAX_BACKLOG: must be a whole number"},
		"backlog as text":        {file: "[limits]\nmax_backlog = \"9\"", want: "s.toml: line 2: limits.max_backlog must be an integer, not a string"},
		"metrics":                {flags: map[string]string{"metrics-listen": "x"}, want: `--metrics-listen: "x" must be`},
		"no folder":              {file: "data = \"\"", want: "s.toml: data: must be a folder"},
		"database, no secret":    {flags: map[string]string{"database": "postgres://u:s3cret@h/d"}, want: "--database: needs --secret-file or STAFFETTA_SECRET too"},
		"database and data":      {flags: map[string]string{"database": "postgres://u:s3cret@h/d", "secret-file": "/f", "data": "d"}, want: "--data: is set, and a database is set too: leave one out"},
		"database, data of file": {file: "data = \"d\"", env: []string{"STAFFETTA_DATABASE=postgres://u:s3cret@h/d", "STAFFETTA_SECRET_FILE=/f"}, want: "s.toml: data: is set"},
		"database, no URL":       {env: []string{"STAFFETTA_DATABASE=postgres://u:s3cret%zz@h/d"}, want: "STAFFETTA_DATABASE: must be a URL such as"},
		"database of another":    {flags: map[string]string{"database": "mysql://h/d"}, want: "--database: must be a URL such as"},
		"console":                {flags: map[string]string{"console-url": "sms.example.com"}, want: "--console-url: must be the URL of the server without a path"},
		"console in the clear":   {file: "[console]\nurl = \"http://sms.example.com\"", want: "s.toml: console.url: must begin with https://"},
		"mail, no sender":        {file: "[mail]\nsmtp = \"mail.example.com:587\"", want: "mail.from: must be the email address"},
		"mail, no port":          {env: []string{"STAFFETTA_MAIL_SMTP=mail.example.com"}, want: `STAFFETTA_MAIL_SMTP: "mail.example.com" must be a host and a port`},
		"mail, no console":       {file: "[mail]\nsmtp = \"mail.example.com:587\"\nfrom = \"a@example.com\"", want: "s.toml: mail.smtp: needs --console-url too"},
		"mail, no password":      {file: "[mail]\nsmtp = \"mail.example.com:587\"\nfrom = \"a@example.com\"\nusername = \"a\"", want: "mail.username: goes together with mail.password_file"},
		"mail in another way":    {flags: map[string]string{"mail-tls": "none"}, want: `--mail-tls: "none" must be starttls or tls`},
		"provider in the clear":  {file: "[oidc]\nissuer = \"http://id.example.com\"", want: "s.toml: oidc.issuer: must be an https URL"},
		"provider, no client":    {file: "[oidc]\nissuer = \"https://id.example.com\"", want: "oidc.issuer: needs oidc.client_id too"},
		"provider, no console":   {file: "[oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"x\"", want: "oidc.issuer: needs --console-url too"},
		"two secrets":            {env: []string{"STAFFETTA_SECRET=x", "STAFFETTA_SECRET_FILE=/y"}, want: "STAFFETTA_SECRET_FILE: is set, and STAFFETTA_SECRET is set too"},
	} {
		t.Run(name, func(t *testing.T) {
			sources := Sources{Env: test.env, Flags: test.flags}
			if test.file != "" {
				sources.File = write(t, "s.toml", test.file)
			}
			_, err := Load(sources)
			if err == nil {
				t.Fatal("no error")
			}
			if text := err.Error(); !strings.Contains(text, test.want) || strings.Contains(text, "\n") || strings.Contains(text, "s3cret") {
				t.Errorf("error %q, want one line with %q and no secret", text, test.want)
			}
			if wrong, ok := errors.AsType[*Error](err); ok && wrong.Flag != strings.HasPrefix(wrong.Where, "--") {
				t.Errorf("%q: Flag is %v", wrong.Where, wrong.Flag)
			}
		})
	}
}

func TestNoFile(t *testing.T) {
	_, err := Load(Sources{File: "/no/such.toml"})
	if err == nil || err.Error() != "configuration file /no/such.toml: no such file or directory" {
		t.Error(err)
	}
}

func TestPlainHTTPWhereItIsMeant(t *testing.T) {
	for _, flags := range []map[string]string{
		{"listen": "localhost:1"}, {"listen": "[::1]:1"}, {"listen": "127.9.9.9:1"}, {"listen": "[::ffff:127.0.0.1]:0"},
		{"listen": ":8080", "insecure-http": "true"},
	} {
		if _, err := Load(Sources{Flags: flags}); err != nil {
			t.Errorf("%v: %v", flags, err)
		}
	}
}

// A command beside a server may stand in an environment that is right for the server only together with its flags.
func TestPlaceOnly(t *testing.T) {
	env := []string{"STAFFETTA_LISTEN=0.0.0.0:8080", "STAFFETTA_DATA=/d"}
	if c, err := Load(Sources{Env: env, Place: true}); err != nil || c.Data != "/d" {
		t.Error(err)
	}
	if _, err := Load(Sources{Env: env}); err == nil {
		t.Error("plain HTTP on all addresses was accepted")
	}
	if _, err := Load(Sources{Env: env, Flags: map[string]string{"database": "postgres://h/d"}, Place: true}); err == nil {
		t.Error("the place was not judged")
	}
}

func TestDatabase(t *testing.T) {
	secret := "STAFFETTA_SECRET=0123456789abcdef0123456789abcdef"
	for database, where := range map[string]string{
		"postgres://u:s3cret@h:5433/d?sslmode=require":                   "postgres://h:5433/d",
		"postgresql://u@h/d?password=s3cret":                             "postgresql://h/d",
		"postgres://u@h1:5432,h2:5433/d?target_session_attrs=read-write": "postgres://h1:5432,h2:5433/d",
		"postgres:///d?host=/run/postgresql":                             "postgres:///d",
	} {
		c, err := Load(Sources{Env: []string{secret, "STAFFETTA_DATABASE=" + database}})
		if err != nil || c.Database != database || c.Where() != where || c.OwnSecret() {
			t.Errorf("%s: %+v, error %v", database, c, err)
		}
	}
	if c, err := Load(Sources{Env: []string{"STAFFETTA_DATA=/d"}}); err != nil || c.Where() != "/d" {
		t.Errorf("%+v, error %v", c, err)
	}
}

func TestKubernetesVariablesAreNotOurs(t *testing.T) {
	env := []string{"STAFFETTA_URL=http://127.0.0.1:8080", "STAFFETTA_KEY=stf_live_x", "STAFFETTA_SERVICE_HOST=10.0.0.1", "STAFFETTA_SERVICE_PORT=80", "STAFFETTA_SERVICE_PORT_HTTP=80",
		"STAFFETTA_PORT=tcp://10.0.0.1:80", "STAFFETTA_PORT_80_TCP_ADDR=10.0.0.1"}
	if _, err := Load(Sources{Env: env}); err != nil {
		t.Error(err)
	}
}

func TestProxies(t *testing.T) {
	c, err := Load(Sources{Env: []string{"STAFFETTA_TRUSTED_PROXIES=10.1.2.3/8, ::ffff:192.0.2.1,::ffff:198.51.100.0/120 2001:db8::1"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.HTTP.Proxies {
		got = append(got, p.String())
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8", "192.0.2.1/32", "198.51.100.0/24", "2001:db8::1/128"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSecret(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "data")
	c, err := Load(Sources{Flags: map[string]string{"data": folder}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Secret(); !errors.Is(err, ErrNoSecret) {
		t.Fatalf("error %v, want ErrNoSecret", err)
	}
	if err := c.MakeData(); err != nil {
		t.Fatal(err)
	}
	made, err := c.MakeSecret()
	if err != nil || len(made) < 64 {
		t.Fatalf("secret of %d octets, error %v", len(made), err)
	}
	again, err := c.MakeSecret()
	if err != nil || !bytes.Equal(made, again) {
		t.Errorf("a second MakeSecret made another secret, error %v", err)
	}
	entries, _ := os.ReadDir(folder)
	info, err := os.Stat(filepath.Join(folder, SecretName))
	if err != nil || info.Mode().Perm() != 0o600 || len(entries) != 1 {
		t.Errorf("mode %v, %d files, error %v", info.Mode(), len(entries), err)
	}
}

func TestSecretFromElsewhere(t *testing.T) {
	long := strings.Repeat("s", 32)
	for name, test := range map[string]struct{ env, want string }{
		"variable":       {"STAFFETTA_SECRET=" + long, ""},
		"file":           {"STAFFETTA_SECRET_FILE=" + write(t, "secret", long+"\n"), ""},
		"short variable": {"STAFFETTA_SECRET=short", "STAFFETTA_SECRET: must be at least 32 characters"},
		"short file":     {"STAFFETTA_SECRET_FILE=" + write(t, "secret", "short\n"), "must be at least 32 characters"},
		"no file":        {"STAFFETTA_SECRET_FILE=/no/secret", "secret file /no/secret: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load(Sources{Env: []string{test.env}})
			if err != nil {
				t.Fatal(err)
			}
			secret, err := c.Secret()
			if test.want == "" && (err != nil || string(secret) != long || c.OwnSecret()) {
				t.Errorf("secret %q, error %v", secret, err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestMakeDataTakesRightsOfOthersAway(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (&Config{Data: folder}).MakeData(); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(folder); info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v", info.Mode())
	}
	err := (&Config{Data: filepath.Join(write(t, "file", ""), "data")}).MakeData()
	if err == nil || !strings.HasSuffix(err.Error(), ": not a directory") {
		t.Errorf("error %v", err)
	}
}
