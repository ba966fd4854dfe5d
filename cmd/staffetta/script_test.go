package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/staffetta/staffetta/internal/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"staffetta": main})
}

// TestScripts runs testdata/*.txtar, one page for each promise, against the program as users have it.
func TestScripts(t *testing.T) {
	runScripts(t, testscript.Params{Dir: "testdata"})
}

// TestScriptsOnPostgreSQL runs those that do not need a data folder again, each on a database of its own, and those of
// testdata/postgres.
func TestScriptsOnPostgreSQL(t *testing.T) {
	server := pgtest.Start(t, "fsync=off", "max_connections=200")
	var files []string
	for _, name := range []string{"account", "allow-list", "audit", "carriers", "crash", "demo", "keys", "lookup", "opt-out", "practice-carrier", "prices", "receipts", "send", "senders", "setup", "users", "webhook", "inbound",
		"field/restart_forgets_config", "field/accepts_but_never_sends"} {
		files = append(files, "testdata/"+name+".txtar")
	}
	more, err := filepath.Glob("testdata/postgres/*.txtar")
	if err != nil || len(more) == 0 {
		t.Fatal("no scripts in testdata/postgres", err)
	}
	var databases atomic.Int64
	runScripts(t, testscript.Params{Files: append(files, more...), Setup: func(env *testscript.Env) error {
		url, err := server.Database(context.Background(), fmt.Sprint("script", databases.Add(1)))
		env.Setenv("STAFFETTA_DATABASE", strings.Replace(url, "staffetta@", "staffetta:hidden-password@", 1)) // nobody asks for it
		env.Setenv("STAFFETTA_SECRET", "the-secret-of-the-scripts-of-32-characters")
		return err
	}})
}

// TestField_restart_forgets_config: every change is durable at once.
func TestField_restart_forgets_config(t *testing.T) {
	runScripts(t, testscript.Params{Files: []string{"testdata/field/restart_forgets_config.txtar"}})
}

// TestField_accepts_but_never_sends: a carrier that is away is named, and messages leave by themselves when it is back.
func TestField_accepts_but_never_sends(t *testing.T) {
	runScripts(t, testscript.Params{Files: []string{"testdata/field/accepts_but_never_sends.txtar"}})
}

// TestField_dead_connector_chosen: a carrier that is away gets nothing while another route is well.
func TestField_dead_connector_chosen(t *testing.T) {
	runScripts(t, testscript.Params{Files: []string{"testdata/field/dead_connector_chosen.txtar"}})
}

// runScripts gives the pages their own words.
func runScripts(t *testing.T, p testscript.Params) {
	t.Helper()
	p.RequireUniqueNames = true
	onDatabase := p.Setup != nil
	p.Condition = func(condition string) (bool, error) {
		if condition != "folder" { // the data are in a data folder
			return false, fmt.Errorf("unknown condition %q", condition)
		}
		return !onDatabase, nil
	}
	p.Cmds = map[string]func(*testscript.TestScript, bool, []string){
		"port": freePort, "await": await, "http": httpRequest, "json": jsonValue, "certificate": makeCertificate,
		"mode": checkMode, "names": certificateName, "terminate": terminate, "one-line": oneLine, "within": within,
		"answers": answers, "date": date, "customer": customer, "bound": bound, "evicted": evicted, "ask": askReceipts, "take": takeReceipts,
	}
	testscript.Run(t, p)
}

// port NAME… finds free ports.
func freePort(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Setenv(name, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
		defer listener.Close()
	}
}

// date NAME DURATION is the moment that is so far from now, in RFC 3339.
func date(ts *testscript.TestScript, _ bool, args []string) {
	from, err := time.ParseDuration(args[1])
	ts.Check(err)
	ts.Setenv(args[0], time.Now().Add(from).UTC().Format("2006-01-02T15:04:05.000Z"))
}

// await URL [TEXT] waits until the address answers, with the text in its answer.
func await(ts *testscript.TestScript, _ bool, args []string) {
	text := ""
	if len(args) > 1 {
		text = args[1]
	}
	var last string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		response, err := client.Get(args[0])
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(response.Body)
		ts.Check(err)
		response.Body.Close()
		if last = string(body); strings.Contains(last, text) {
			return
		}
	}
	ts.Fatalf("%s does not answer with %q: %s", args[0], text, last)
}

// Whatever certificate a test server has is good.
var client = &http.Client{Timeout: 10 * time.Second,
	Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

// http [key=KEY] [user=NAME:PASSWORD] STATUS METHOD URL [BODY] makes a request and prints the body of the answer and when to come again.
func httpRequest(ts *testscript.TestScript, _ bool, args []string) {
	key, user := "", ""
	for ; strings.HasPrefix(args[0], "key=") || strings.HasPrefix(args[0], "user="); args = args[1:] {
		if value, ok := strings.CutPrefix(args[0], "key="); ok {
			key = value
		} else {
			user = strings.TrimPrefix(args[0], "user=")
		}
	}
	var body string
	if len(args) > 3 {
		body = args[3]
	}
	request, err := http.NewRequestWithContext(context.Background(), args[1], args[2], strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("X-Api-Key", key)
	}
	if name, password, ok := strings.Cut(user, ":"); ok {
		request.SetBasicAuth(name, password)
	}
	response, err := client.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
	if wait := response.Header.Get("Retry-After"); wait != "" {
		fmt.Fprintf(ts.Stdout(), "Retry-After: %s\n", wait)
	}
	if strconv.Itoa(response.StatusCode) != args[0] {
		ts.Fatalf("answered %d: %s", response.StatusCode, answer)
	}
}

// json NAME MEMBER keeps a member of the object on standard output, and with a third argument compares it.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	var object map[string]any
	decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(ts.ReadFile("stdout"), "["))) // of an array, the first
	decoder.UseNumber()
	ts.Check(decoder.Decode(&object))
	value, ok := object[args[1]]
	if !ok {
		ts.Fatalf("no member %s", args[1])
	}
	ts.Setenv(args[0], fmt.Sprint(value))
	if len(args) > 2 && (fmt.Sprint(value) == args[2]) == neg {
		ts.Fatalf("%s is %v", args[1], value)
	}
}

// certificate CERT KEY NAME writes a self-signed certificate.
func makeCertificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: args[2]},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{args[2]}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{args[0]: {Type: "CERTIFICATE", Bytes: der}, args[1]: {Type: "PRIVATE KEY", Bytes: private}} {
		draft := ts.MkAbs(name) + ".draft"
		ts.Check(os.WriteFile(draft, pem.EncodeToMemory(block), 0o600))
		ts.Check(os.Rename(draft, ts.MkAbs(name)))
	}
}

// mode MODE FILE… checks the permissions of files.
func checkMode(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", filepath.Base(name), got, args[0])
		}
	}
}

// one-line checks that standard error is one line and nothing is on standard output.
func oneLine(ts *testscript.TestScript, _ bool, _ []string) {
	text := ts.ReadFile("stderr")
	if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "staffetta: ") || ts.ReadFile("stdout") != "" {
		ts.Fatalf("not one line on standard error alone: %q, %q", text, ts.ReadFile("stdout"))
	}
}

// within SECONDS COMMAND… runs a command of the script again and again until it prints TEXT, which comes first.
func within(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(time.Duration(seconds) * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := ts.Exec(args[2], args[3:]...)
		if err == nil && bytes.Contains([]byte(ts.ReadFile("stdout")), []byte(args[1])) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v did not print %q: %v", args[2:], args[1], err)
		}
	}
}

// answers SECONDS STATUS KEY URL waits until a request with a key is answered so, and fails when that takes longer.
func answers(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(time.Duration(seconds) * time.Second); ; time.Sleep(20 * time.Millisecond) {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, args[3], nil)
		ts.Check(err)
		request.Header.Set("X-Api-Key", args[2])
		late := time.Now().After(deadline)
		response, err := client.Do(request)
		ts.Check(err)
		ts.Check(response.Body.Close())
		if strconv.Itoa(response.StatusCode) == args[1] {
			return
		}
		if late {
			ts.Fatalf("after %d s it still answers %d", seconds, response.StatusCode)
		}
	}
}

// names HOST:PORT NAME waits until the server shows the certificate of a name.
func certificateName(ts *testscript.TestScript, _ bool, args []string) {
	var last string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		connection, err := tls.Dial("tcp", args[0], &tls.Config{InsecureSkipVerify: true})
		ts.Check(err)
		last = connection.ConnectionState().PeerCertificates[0].Subject.CommonName
		connection.Close()
		if last == args[1] {
			return
		}
	}
	ts.Fatalf("the certificate is that of %s", last)
}

// terminate WORD sends SIGTERM to the background command that has the word among its arguments, or at the end of one.
func terminate(ts *testscript.TestScript, _ bool, args []string) {
	for _, command := range ts.BackgroundCmds() {
		if slices.ContainsFunc(command.Args, func(arg string) bool { return arg == args[0] || strings.HasSuffix(arg, ":"+args[0]) }) {
			ts.Check(command.Process.Signal(syscall.SIGTERM))
			return
		}
	}
	ts.Fatalf("no %s runs in the background", args[0])
}
