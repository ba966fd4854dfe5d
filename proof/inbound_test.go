package proof

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/proof/server"
	"github.com/staffetta/staffetta/smpp"
	"github.com/staffetta/staffetta/smpp/smpptest"
)

const (
	inboundMessages = 120
	inboundKills    = 4
	inboundWindow   = 10
)

// TestInboundSurvivesKills has a carrier deliver messages of several parts, all parts mixed, and kills the server with
// kill -9 in between. The carrier repeats what it had no answer to. Each message comes to the webhook, whole, under one id;
// what was leaving at a kill a minute later.
func TestInboundSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	proveInbound(t, "")
}

// TestInboundSurvivesKills_postgres is the same on PostgreSQL.
func TestInboundSurvivesKills_postgres(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the real program; not with -short")
	}
	proveInbound(t, pgtest.Start(t).URL())
}

func proveInbound(t *testing.T, database string) {
	mouth := newMouth(t)
	ear := newEar(t)
	s := inboundServer(t, mouth.smsc.Addr(), ear.URL, database)
	parts := allParts()
	for some := range slices.Chunk(parts, len(parts)/inboundKills+1) {
		<-mouth.deliver(some, s.Kill)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(2 * time.Minute); mouth.left() > 0 || ear.heard() < inboundMessages; {
		if time.Now().After(deadline) {
			t.Fatalf("%d parts without an answer, %d of %d messages told\n%s", mouth.left(), ear.heard(), inboundMessages, s.Tail())
		}
		<-time.After(50 * time.Millisecond)
	}
	<-time.After(2 * time.Second) // would anything come twice
	ear.judge(t)
	t.Logf("%d parts delivered %d times, %d requests to the webhook", len(mouth.parts), mouth.sent, ear.requests)
	if mouth.sent == len(mouth.parts) {
		t.Error("no kill made the carrier repeat anything")
	}
}

func inboundServer(t *testing.T, carrier, hook, database string) *server.Server {
	t.Helper()
	folder := t.TempDir()
	s, err := server.New(t.Context(), binary(t), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	s.Flags = []string{"--webhook-allow-private"}
	if database != "" {
		s.Database, s.Secret = database, writeSecret(t, folder)
	}
	account, err := s.CreateAccount(t.Context(), "prover", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"number", "add", "48883", "prover"}} {
		if _, err := s.Command(t.Context(), command...); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddCarrier(t.Context(), "mouth", carrier, inboundWindow); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Addr+"/api/partner-gateway/v1/webhooks/delivery-status",
		strings.NewReader(fmt.Sprintf(`{"callbackUrl":%q}`, hook)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", account.APIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("the webhook is not made: %v, %v", response, err)
	}
	_ = response.Body.Close()
	return s
}

// textOf is message n: every third has characters that need UCS-2.
func textOf(n int) string {
	text := fmt.Sprintf("message %d: %s", n, strings.Repeat("na ", 20+100*(n%3)))
	if n%3 == 1 {
		text += "perché 😀 да"
	}
	return text
}

// allParts is every part of every message, mixed; of every other message the place is told in TLVs.
func allParts() (parts []*smpp.DeliverSM) {
	for n := range inboundMessages {
		for _, segment := range gsm.Split(textOf(n), byte(n)) {
			p := &smpp.DeliverSM{SourceAddrTON: 1, SourceAddrNPI: 1, SourceAddr: fmt.Sprint(393401000000 + n%7), DestAddrTON: 3, DestinationAddr: "48883"}
			if segment.Encoding == gsm.UCS2 {
				p.DataCoding = smpp.DataCodingUCS2
			}
			if len(segment.UDH) > 0 && n%2 == 0 {
				p.TLVs.AddUint16(smpp.TagSARMsgRefNum, uint16(segment.UDH[3]))
				p.TLVs.AddUint8(smpp.TagSARTotalSegments, segment.UDH[4])
				p.TLVs.AddUint8(smpp.TagSARSegmentSeqnum, segment.UDH[5])
				segment.UDH = nil
			}
			if len(segment.UDH) > 0 {
				p.ESMClass = smpp.ESMClassUDHI
			}
			p.ShortMessage = segment.AppendUserData(nil)
			parts = append(parts, p)
		}
	}
	rand.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return parts
}

// mouth is a carrier with messages from handsets. It repeats what was not answered with ESME_ROK.
type mouth struct {
	smsc *smpptest.SMSC

	mu     sync.Mutex
	conn   *smpptest.Conn
	parts  []*smpp.DeliverSM
	todo   []int
	flying map[uint32]int // by sequence number on conn
	sent   int
	killAt int // when so many are sent
	kill   func()
}

func newMouth(t *testing.T) *mouth {
	m := &mouth{smsc: smpptest.NewSMSC(t), flying: map[uint32]int{}}
	m.smsc.On(smpp.CommandBindTransceiver, func(s *smpptest.SMSC, c *smpptest.Conn, f smpptest.Frame) {
		smpptest.Accept()(s, c, f)
		m.bound(c)
	})
	m.smsc.On(smpp.CommandDeliverSMResp, func(_ *smpptest.SMSC, c *smpptest.Conn, f smpptest.Frame) { m.answered(c, f) })
	return m
}

// deliver begins to deliver further parts, and kills the server as soon as some of them are written.
func (m *mouth) deliver(parts []*smpp.DeliverSM, kill func()) (killed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	done := make(chan struct{})
	m.killAt = m.sent + 1 + rand.IntN(len(parts))
	m.kill = func() { kill(); close(done) }
	for _, p := range parts {
		m.todo, m.parts = append(m.todo, len(m.parts)), append(m.parts, p)
	}
	m.pump()
	return done
}

// bound begins a session: what the last one had no answer to goes first.
func (m *mouth) bound(c *smpptest.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for sequence, i := range m.flying {
		m.todo = append([]int{i}, m.todo...)
		delete(m.flying, sequence)
	}
	m.conn = c
	m.pump()
}

func (m *mouth) answered(c *smpptest.Conn, f smpptest.Frame) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.flying[f.Sequence]
	if c != m.conn || !ok {
		return
	}
	delete(m.flying, f.Sequence)
	if f.Status != smpp.ESME_ROK {
		m.todo = append(m.todo, i)
	}
	m.pump()
}

func (m *mouth) pump() {
	for m.conn != nil && len(m.flying) < inboundWindow && len(m.todo) > 0 {
		sequence, err := m.conn.Request(m.parts[m.todo[0]])
		if err != nil { // the session ended
			return
		}
		m.flying[sequence], m.todo = m.todo[0], m.todo[1:]
		if m.sent++; m.sent == m.killAt {
			m.kill()
		}
	}
}

func (m *mouth) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.todo) + len(m.flying)
}

// ear is a webhook.
type ear struct {
	*httptest.Server
	mu       sync.Mutex
	requests int
	texts    map[string]map[string]bool // text → ids of messages
	events   map[string]string          // webhook-id → body
	odd      []string
}

func newEar(t *testing.T) *ear {
	e := &ear{texts: map[string]map[string]bool{}, events: map[string]string{}}
	e.Server = httptest.NewServer(http.HandlerFunc(e.hear))
	t.Cleanup(e.Close)
	return e
}

func (e *ear) hear(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var event struct{ EventType, MessageID, Source, Destination, Text string }
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil || json.Unmarshal(body, &event) != nil || event.EventType != "INBOUND" || event.Destination != "48883" {
		e.odd = append(e.odd, string(body))
		return
	}
	e.requests++
	id := r.Header.Get("webhook-id")
	if before, again := e.events[id]; again && !bytes.Equal([]byte(before), body) {
		e.odd = append(e.odd, "another body under one webhook-id: "+string(body))
	}
	e.events[id] = string(body)
	if e.texts[event.Text] == nil {
		e.texts[event.Text] = map[string]bool{}
	}
	e.texts[event.Text][event.MessageID] = true
}

func (e *ear) heard() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.texts)
}

// judge holds what came to what was said: each message whole, under one id, in one event.
func (e *ear) judge(t *testing.T) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for n := range inboundMessages {
		if ids := e.texts[textOf(n)]; len(ids) != 1 {
			t.Errorf("message %d came under %d ids", n, len(ids))
		}
	}
	if len(e.texts) != inboundMessages || len(e.events) != inboundMessages || len(e.odd) > 0 {
		t.Errorf("%d texts, %d events, odd: %q", len(e.texts), len(e.events), e.odd)
	}
}
