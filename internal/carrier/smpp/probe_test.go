package smpp

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

// told is the steps of a probe in short.
func told(steps []Step) (short []string) {
	for _, s := range steps {
		short = append(short, strings.TrimSpace(s.Name+" "+string(s.Cause)))
	}
	return short
}

func probed(t *testing.T, raw string) []Step {
	t.Helper()
	address, err := ParseAddress(raw)
	if err != nil {
		t.Fatal(err)
	}
	return Prober{}.Probe(t.Context(), address)
}

func TestProbe(t *testing.T) {
	refusing := func(status smpp.CommandStatus) string {
		smsc := smpptest.NewSMSC(t)
		smsc.On(smpp.CommandBindTransceiver, smpptest.Refuse(status))
		return smsc.Addr()
	}
	closing := smpptest.NewSMSC(t)
	closing.On(smpp.CommandBindTransceiver, smpptest.Reset())
	good := smpptest.NewSMSC(t).Addr()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	for raw, want := range map[string][]string{
		"smpp://me:secret@" + good:                                      {"connect", "bind", "enquire_link", "unbind"},
		"smpp://me:secret@" + good + "?bind=pair":                       {"connect", "bind", "connect", "bind", "enquire_link", "unbind", "enquire_link", "unbind"},
		"smpp://me:secret@" + nobody.Addr().String():                    {"connect refused"},
		"smpp://me:secret@" + nobody.Addr().String() + "?hosts=" + good: {"connect refused", "connect", "bind", "enquire_link", "unbind"},
		"smpp://me:secret@" + refusing(smpp.ESME_RINVPASWD):             {"connect", "bind credentials"},
		"smpp://me:secret@" + refusing(smpp.ESME_RALYBND):               {"connect", "bind bound_already"},
		"smpp://me:secret@" + refusing(smpp.ESME_RSYSERR):               {"connect", "bind bind"},
		"smpp://me:secret@" + closing.Addr():                            {"connect", "bind closed"},
		"smpp://me:secret@no-such-host.invalid":                         {"resolve no_name"},
		"smpps://me:secret@" + good + "?tls_ca=/nowhere":                {"connect", "tls files"},
	} {
		steps := probed(t, raw)
		if len(steps) == 1 && steps[0].Cause == CauseNameServer { // no name server here: it cannot know that there is no such name
			steps[0].Cause = CauseNoName
		}
		if diff := cmp.Diff(want, told(steps)); diff != "" {
			t.Errorf("%s: %s\n%+v", raw, diff, steps)
		}
		for _, s := range steps {
			if strings.Contains(s.Detail, "secret") {
				t.Errorf("%s: a step tells the password: %s", raw, s.Detail)
			}
		}
	}
}

func TestProbeOverTLS(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("220 this is a mail server\r\n"))
			conn.Close()
		}
	}()
	if steps := probed(t, "smpps://me@"+listener.Addr().String()); steps[len(steps)-1].Cause != CauseNotTLS {
		t.Errorf("%+v", steps)
	}
}

// TestProbeIsBounded: hosts that take the connection and say nothing take ten seconds together.
func TestProbeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ends []net.Conn
		silent := Prober{DialContext: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() { // it reads and never answers
				for b := make([]byte, 100); ; {
					if _, err := there.Read(b); err != nil {
						return
					}
				}
			}()
			ends = append(ends, there)
			return here, nil
		}}
		address, err := ParseAddress("smpp://me@127.0.0.1?hosts=127.0.0.2,127.0.0.3")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		steps := silent.Probe(t.Context(), address)
		if took := time.Since(began); took > probeTimeout {
			t.Errorf("it took %v", took)
		}
		if diff := cmp.Diff([]string{"connect", "bind timeout", "connect", "bind timeout", "connect", "bind timeout"}, told(steps)); diff != "" {
			t.Error(diff)
		}
		for _, end := range ends {
			end.Close()
		}
	})
}
