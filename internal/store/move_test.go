package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/staffetta/staffetta/internal/pgtest"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// emptyDatabase makes a new database on a server and answers its URL.
func emptyDatabase(t *testing.T, server *pgtest.Server) string {
	t.Helper()
	name := fmt.Sprintf("empty%d", rand.Uint64())
	command := exec.Command(filepath.Join(pgtest.Binaries(), "createdb"), "-h", "127.0.0.1", "-p", strconv.Itoa(server.Port), "-U", "staffetta", name)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, output)
	}
	return strings.Replace(server.URL(), "/staffetta?", "/"+name+"?", 1)
}

// sql runs a statement on a database from aside.
func onDatabase(t *testing.T, url, statement string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func moving(dir, url string) store.MoveOptions {
	return store.MoveOptions{Dir: dir, URL: url, Secret: conformanceSecret, Step: 7}
}

// lived is what a store with a past holds, as its readers see it.
type lived struct {
	accounts []sms.AccountID
	messages []sms.ID
	callers  map[string]sms.AccountID
}

// live fills every table of a store, the same way for the same seed.
func live(t *testing.T, s *store.Store, seed uint64, n int) *lived {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, seed))
	l := &lived{callers: map[string]sms.AccountID{}}
	save(t, s, aCarrier("main", true))
	for i := range 3 {
		l.accounts = append(l.accounts, create(t, s, fmt.Sprintf("user%d à", i), 1000*sms.Euro).ID)
	}
	if err := s.SetPrice(t.Context(), deed("price set"), sms.Price{Account: l.accounts[0], Prefix: "39", Part: 7}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddRoute(t.Context(), deed("route add"), sms.Route{Prefix: "39", Country: "IT", Sender: "à", Account: 1, Carrier: 1, Priority: 2, Weight: 3, Cost: 4}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveKeyUses(t.Context(), []store.KeyUse{{Key: "key-user0 à", At: time.Now(), From: netip.MustParseAddr("2001:db8::1")}}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAccessRefusals(t.Context(), []sms.AccessRefusal{{Account: l.accounts[0], Address: netip.MustParseAddr("2001:db8::1"),
		Credential: "user0 à", Reason: sms.NotOnAccountList, Times: 2, First: time.Now(), Last: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddNumber(t.Context(), deed("number add"), sms.ServiceNumber{Number: "4444", Keyword: "win", Account: l.accounts[0]}); err != nil {
		t.Fatal(err)
	}
	l.hook(t, s)
	l.consent(t, s)
	l.export(t, s)
	l.people(t, s)
	for i := range n {
		l.oneLife(t, s, r, i)
	}
	l.tell(t, s)
	settled := make(chan error, 2)
	s.Report(sms.Report{Carrier: 1, Ref: "too early", Destination: 39340, State: sms.Delivered, At: time.Now()}, func(err error) { settled <- err })
	s.Inbound(sms.Inbound{Carrier: 1, Source: "39", Destination: "4444", Octets: []byte{0, 255, 1}, At: time.Now()}, func(err error) { settled <- err })
	err := s.Change(t.Context(), "test", func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO overdue (message_id, at, stage) VALUES (?, ?, 1)`, int64(l.messages[0]), time.Now().UnixMilli())
		return err
	})
	if err := errors.Join(<-settled, <-settled, err); err != nil {
		t.Fatal(err)
	}
	return l
}

// consent fills the tables of who wants which messages, who may send as whom, and whose numbers are ported.
func (l *lived) consent(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, account, ported := t.Context(), l.accounts[0], true
	_, added := s.AddOptOuts(ctx, deed("opt-out add"), account, []sms.OptOut{{Number: 39340, Sender: "acme", Source: "STOP", At: time.Now()}})
	err := errors.Join(added,
		s.SetOptOutWord(ctx, deed("opt-out word"), account, sms.OptOutRule{Word: "BASTA", Action: sms.Stop, Language: "it"}),
		s.SetOptOutReply(ctx, deed("opt-out reply"), account, sms.OptOutReply{Action: sms.Stop, Language: "it", Text: "perché no? €"}),
		s.SetOptOutAlias(ctx, deed("opt-out alias"), account, "4444", []string{"acme"}),
		s.SetSender(ctx, deed("sender add"), sms.AllowedSender{Account: account, Key: "acme", Countries: []string{"DE", "IT"}}),
		s.SetSenderRules(ctx, deed("sender-rule set"), []sms.SenderRule{{Country: "US", Rule: sms.NumericOnly, Note: "its carriers"}}),
		s.ImportPortability(ctx, deed("lookup import"), []sms.Portability{{Number: 39340, MCC: "222", MNC: "01", Kind: "mobile", Ported: &ported, Country: "IT"}}),
		s.Change(ctx, "test", func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO opt_out_answer (id, account_id, number, sender, body, at) VALUES (1, ?, 39340, '4444', 'à', 7)`, int64(account))
			return err
		}))
	if err != nil {
		t.Fatal(err)
	}
}

// people fills the tables of who may sign in.
func (l *lived) people(t *testing.T, s *store.Store) {
	t.Helper()
	link, codes := sms.OneTimeLink{ID: "link", Kind: sms.LinkInvite, Created: time.Now(), Expires: time.Now().Add(time.Hour)}, []string{"code"}
	p, err := s.CreatePerson(t.Context(), deed("user create"), store.NewPerson{Person: sms.Person{Email: "à@example.com", Account: l.accounts[0], Role: sms.RoleOwner}, Link: &link})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.ChangePerson(t.Context(), deed("user"), store.PersonChange{Person: p.ID, Codes: &codes, Identity: &sms.Identity{Issuer: "i", Subject: "s"},
		Change: func(p *sms.Person) error { p.TOTP.Secret = []byte{0, 1, 255}; return nil }})
	session := sms.ConsoleSession{ID: "session", Person: p.ID, Created: time.Now(), Seen: time.Now(), Expires: time.Now().Add(time.Hour)}
	if err := errors.Join(err, s.StartSession(t.Context(), deed("sign in"), session)); err != nil {
		t.Fatal(err)
	}
}

var texts = []string{"hello", "", "perché no? €", "日本語 😀", "it's \"quoted\" \\x00 \t\n", strings.Repeat("long ", 200)}

// oneLife accepts a message and takes it as far as chance will.
func (l *lived) oneLife(t *testing.T, s *store.Store, r *rand.Rand, i int) {
	t.Helper()
	account := l.accounts[r.IntN(len(l.accounts))]
	m := &sms.Message{Account: account, Carrier: 1, Destination: sms.Number(393400000000 + r.Int64N(1e6)), Sender: "ACME",
		Text: texts[r.IntN(len(texts))], Parts: 1, PartPrice: sms.Money(r.Int64N(100)), Priority: sms.Priority(r.IntN(sms.Priorities)),
		Expires: time.Now().Add(time.Hour).Truncate(time.Millisecond), Digest: r.Uint64(), Notify: i%2 == 0, Hold: r.IntN(2) == 0, ChargeFinal: r.IntN(2) == 0}
	a := &store.Admission{Message: m}
	if r.IntN(2) == 0 {
		m.CallerID, m.Campaign = fmt.Sprintf("own-%d 'à'", i), "spring"
		l.callers[m.CallerID] = account
	}
	if r.IntN(3) == 0 {
		a.Key = fmt.Sprintf("key-%d", i)
	}
	if r.IntN(4) == 0 {
		m.UDH = []byte{2, 0, byte(r.IntN(256))}
	}
	if r.IntN(6) == 0 {
		m.Due = time.Now().Add(time.Hour).Truncate(time.Millisecond)
	}
	if r.IntN(9) == 0 {
		m.PartPrice = 5000 * sms.Euro // more than there is: refused
	}
	if err := s.Accept(t.Context(), []*store.Admission{a}, func([]*sms.Message) {}); err != nil {
		t.Fatal(err)
	}
	l.messages = append(l.messages, m.ID)
	if m.Refusal != "" || !m.Due.IsZero() {
		return
	}
	l.attempt(t, s, r, m)
}

func (l *lived) attempt(t *testing.T, s *store.Store, r *rand.Rand, m *sms.Message) {
	t.Helper()
	fate := r.IntN(6)
	if fate == 0 { // still waits
		return
	}
	mark, err := s.Mark(t.Context(), []*sms.Message{m})
	if err != nil {
		t.Fatal(err)
	}
	if fate == 1 { // is leaving when the process ends
		return
	}
	part := sms.Part{State: sms.Sent, Ref: fmt.Sprintf("ref-%x", r.Uint64()), At: time.Now().Truncate(time.Millisecond)}
	o := sms.Outcome{Message: m, State: sms.Sent, Parts: []sms.Part{part}, Carrier: 1, At: time.Now()}
	if fate == 2 {
		o.Parts[0] = sms.Part{State: sms.Failed, Code: "11", At: part.At}
		o.State, o.Reason, o.Incident = sms.Failed, "refused", "the carrier refused it"
	}
	settled := make(chan error, 1)
	s.Record(o, mark, func(err error) { settled <- err })
	if err := <-settled; err != nil {
		t.Fatal(err)
	}
	if fate == 3 {
		s.Report(sms.Report{Carrier: 1, Ref: part.Ref, Destination: m.Destination, State: sms.Delivered, At: time.Now()}, func(err error) { settled <- err })
		if err := <-settled; err != nil {
			t.Fatal(err)
		}
	}
}

// view is everything that readers of a store see.
func (l *lived) view(t *testing.T, s *store.Store) map[string]any {
	t.Helper()
	seen := map[string]any{}
	keep := func(name string, value any, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		seen[name] = value
	}
	changes, err := s.Changes(t.Context(), -1)
	keep("changes", changes, err)
	standing, err := s.Accounts(t.Context())
	keep("accounts", standing, err)
	for _, id := range l.accounts {
		keys, err := s.Keys(t.Context(), id)
		keep(fmt.Sprint("keys of ", id), keys, err)
	}
	for _, id := range l.messages {
		record, err := s.Message(t.Context(), id)
		keep(fmt.Sprint("message ", id), record, err)
		incidents, err := s.Incidents(t.Context(), id)
		keep(fmt.Sprint("incidents of ", id), incidents, err)
	}
	l.told(t, s, keep)
	l.exported(t, s, keep)
	for caller, account := range l.callers {
		record, err := s.MessageOf(t.Context(), account, caller)
		keep("caller's "+caller, record, err)
	}
	return seen
}

// aPast makes a data folder with a past and answers what its readers saw.
func aPast(t *testing.T, seed uint64, n int) (dir string, l *lived, before map[string]any) {
	t.Helper()
	dir = t.TempDir()
	s, stop := running(t, dir)
	l = live(t, s, seed, n)
	before = l.view(t, s)
	stop()
	return dir, l, before
}

// onPostgres opens what was moved, as a server would.
func onPostgres(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: url, Node: 1, Secret: conformanceSecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestMove(t *testing.T) {
	server := pgtest.Start(t, "max_connections=100", "fsync=off")
	for name, test := range map[string]func(*testing.T, string){
		"everything reads as before":    moveReadsAsBefore,
		"goes on where it was":          moveGoesOn,
		"neither side is served before": moveLocksBothSides,
		"a damaged row is noticed":      moveNoticesDamage,
		"a missing row is noticed":      moveNoticesLoss,
		"a full database is refused":    moveRefusesOtherData,
		"another secret is refused":     moveRefusesOtherSecret,
		"a served database is refused":  moveRefusesServed,
		"undone":                        moveUndone,
		"octets of a carrier":           moveOctets,
		"marks are settled there":       moveSettlesMarks,
	} {
		t.Run(name, func(t *testing.T) { test(t, emptyDatabase(t, server)) })
	}
}

func moveReadsAsBefore(t *testing.T, url string) {
	dir, l, before := aPast(t, rand.Uint64(), 200)
	moved, err := store.Move(t.Context(), moving(dir, url))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range moved.Tables {
		if !table.OK || table.Source.Rows == 0 {
			t.Errorf("table %s: %+v; this test wants a row in each", table.Table, table)
		}
	}
	s := onPostgres(t, url)
	if diff := cmp.Diff(before, l.view(t, s), sameTimes); diff != "" {
		t.Error(diff)
	}
	if rest := count(t, s, `SELECT COUNT(*) FROM message_rest`); rest != 0 {
		t.Errorf("%d messages are in no week's partition", rest)
	}
	if moved.Source != moved.Target || moved.Source.Credit == 0 || moved.Source.Reserved == 0 {
		t.Errorf("sums %+v and %+v", moved.Source, moved.Target)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() { cancel(); <-done }()
	if next := create(t, s, "newcomer", 1); next.ID != sms.AccountID(len(l.accounts)+1) {
		t.Errorf("the next account has id %d", next.ID)
	}
	save(t, s, aCarrier("second", false))
	in := make(chan error, 1)
	s.Inbound(sms.Inbound{Carrier: 1, Source: "39", Destination: "4", Octets: []byte("x"), At: time.Now()}, func(err error) { in <- err })
	if err := <-in; err != nil {
		t.Errorf("the database does not count on: %v", err)
	}
}

// moveGoesOn interrupts a move again and again, after a different number of steps each time.
func moveGoesOn(t *testing.T, url string) {
	dir, l, before := aPast(t, rand.Uint64(), 150)
	interrupted := 0
	for steps := 1; ; steps++ {
		ctx, cancel := context.WithCancel(t.Context())
		left := 3 * steps
		options := moving(dir, url)
		options.Progress = func(string, int64, int64) {
			if left--; left == 0 {
				cancel()
			}
		}
		_, err := store.Move(ctx, options)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) && !strings.Contains(err.Error(), "context canceled") {
			t.Fatal(err)
		}
		interrupted++
	}
	if interrupted < 3 {
		t.Errorf("interrupted %d times only", interrupted)
	}
	if diff := cmp.Diff(before, l.view(t, onPostgres(t, url)), sameTimes); diff != "" {
		t.Error(diff)
	}
	if _, err := store.Move(t.Context(), moving(dir, url)); !errors.Is(err, store.ErrMoved) {
		t.Errorf("once more: %v", err)
	}
}

func moveLocksBothSides(t *testing.T, url string) {
	dir, _, _ := aPast(t, 1, 30)
	ctx, cancel := context.WithCancel(t.Context())
	options := moving(dir, url)
	options.Progress = func(step string, done, _ int64) {
		if step == "message" && done > 0 {
			cancel()
		}
	}
	if _, err := store.Move(ctx, options); err == nil {
		t.Fatal("it was not interrupted")
	}
	for name, end := range map[string]store.Options{"folder": {Dir: dir}, "database": {URL: url, Node: 1}} {
		end.Secret = conformanceSecret
		s, err := store.Open(t.Context(), end)
		if !errors.Is(err, store.ErrMoved) || !strings.Contains(err.Error(), "is not finished") {
			t.Errorf("%s: error %v", name, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
	if _, err := store.Move(t.Context(), moving(dir, url)); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), store.Options{Dir: dir, Secret: conformanceSecret})
	if !errors.Is(err, store.ErrMoved) || !strings.Contains(err.Error(), "was moved to postgres://staffetta@") {
		t.Errorf("after the move: %v", err)
	}
}

// beforeVerifying moves, and does something to the database between copying and comparing.
func beforeVerifying(t *testing.T, dir, url string, work func()) (*store.Moved, error) {
	t.Helper()
	options := moving(dir, url)
	options.Progress = func(step string, done, _ int64) {
		if strings.HasPrefix(step, "verifying") && done == 0 {
			work()
		}
	}
	return store.Move(t.Context(), options)
}

func moveNoticesDamage(t *testing.T, url string) {
	dir, l, _ := aPast(t, 2, 40)
	moved, err := beforeVerifying(t, dir, url, func() {
		onDatabase(t, url, `UPDATE message SET body = body || ' ' WHERE id = $1`, int64(l.messages[17]))
	})
	if !errors.Is(err, store.ErrMoveDiffers) || !strings.HasSuffix(err.Error(), ": message") {
		t.Errorf("error %v", err)
	}
	for _, table := range moved.Tables {
		if table.OK == (table.Table == "message") {
			t.Errorf("%+v", table)
		}
	}
	if _, err := store.Open(t.Context(), store.Options{URL: url, Node: 1, Secret: conformanceSecret}); !errors.Is(err, store.ErrMoved) {
		t.Errorf("the database can be served: %v", err)
	}
}

func moveNoticesLoss(t *testing.T, url string) {
	dir, _, _ := aPast(t, 3, 40)
	_, err := beforeVerifying(t, dir, url, func() {
		onDatabase(t, url, `DELETE FROM carrier_ref WHERE ctid = (SELECT ctid FROM carrier_ref LIMIT 1)`)
		onDatabase(t, url, `UPDATE balance SET credit = credit + 1 WHERE account_id = 1`)
	})
	if !errors.Is(err, store.ErrMoveDiffers) || !strings.Contains(err.Error(), "balance, carrier_ref") {
		t.Errorf("error %v", err)
	}
}

func moveRefusesOtherData(t *testing.T, url string) {
	s := onPostgres(t, url)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	create(t, s, "somebody", 5)
	cancel()
	if err := errors.Join(<-done, s.Close()); err != nil {
		t.Fatal(err)
	}
	dir, _, _ := aPast(t, 4, 5)
	_, err := store.Move(t.Context(), moving(dir, url))
	if err == nil || !strings.Contains(err.Error(), "the database holds data already (table account has rows)") {
		t.Errorf("error %v", err)
	}
	running(t, dir) // nothing was begun
}

func moveRefusesOtherSecret(t *testing.T, url string) {
	dir, _, _ := aPast(t, 5, 5)
	options := moving(dir, url)
	options.Secret = []byte("another secret, not that of this data")
	if _, err := store.Move(t.Context(), options); !errors.Is(err, store.ErrSecret) {
		t.Errorf("error %v", err)
	}
	server, err := store.Open(t.Context(), store.Options{URL: url, Node: 1, Secret: []byte("a secret of the other side")})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Move(t.Context(), moving(dir, url)); !errors.Is(err, store.ErrSecret) {
		t.Errorf("the database has another secret: %v", err)
	}
}

func moveUndone(t *testing.T, url string) {
	dir, l, before := aPast(t, 6, 20)
	if err := store.UndoMove(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "nothing to undo") {
		t.Errorf("before the move: %v", err)
	}
	if _, err := store.Move(t.Context(), moving(dir, url)); err != nil {
		t.Fatal(err)
	}
	if err := store.UndoMove(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	s, stop := running(t, dir)
	if diff := cmp.Diff(before, l.view(t, s), sameTimes); diff != "" {
		t.Error(diff)
	}
	if _, err := store.Move(t.Context(), moving(dir, url)); !errors.Is(err, store.ErrInUse) {
		t.Errorf("beside a server: %v", err)
	}
	stop()
	_, err := store.Move(t.Context(), moving(dir, url))
	if err == nil || !strings.Contains(err.Error(), "the database holds what a move from") {
		t.Errorf("into what an undone move left: %v", err)
	}
}

// moveOctets: a carrier's id is a C-Octet String of any octets, and SQLite took them.
func moveOctets(t *testing.T, url string) {
	dir := t.TempDir()
	s, stop := running(t, dir)
	account := create(t, s, "acme", 100).ID
	settled := make(chan error, 1)
	for i := range 9 { // one more than a step
		ref := fmt.Sprintf("caf\xe9\x00%d", i)
		m := &sms.Message{Account: account, Carrier: 1, Destination: 39340, Sender: "ACME", Parts: 1, Expires: time.Now().Add(time.Hour)}
		if err := s.Accept(t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
			t.Fatal(err)
		}
		o := sms.Outcome{Message: m, State: sms.Sent, Parts: []sms.Part{{State: sms.Sent, Ref: ref, At: time.Now()}}, Carrier: 1, At: time.Now()}
		s.Record(o, nil, func(err error) { settled <- err })
		if err := <-settled; err != nil {
			t.Fatal(err)
		}
	}
	stop()
	moved, err := store.Move(t.Context(), moving(dir, url))
	if err != nil || moved.Replaced != 9 {
		t.Errorf("%+v, error %v", moved, err)
	}
}

// moveSettlesMarks: what was leaving when the old server ended is decided by the new one.
func moveSettlesMarks(t *testing.T, url string) {
	dir := t.TempDir()
	s, stop := running(t, dir)
	account := create(t, s, "acme", 100).ID
	m := &sms.Message{Account: account, Carrier: 1, Destination: 393401234567, Sender: "ACME", Text: "hello", Parts: 1, PartPrice: 10,
		Expires: time.Now().Add(time.Hour), Hold: true}
	if err := s.Accept(t.Context(), []*store.Admission{{Message: m}}, func([]*sms.Message) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mark(t.Context(), []*sms.Message{m}); err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := store.Move(t.Context(), moving(dir, url)); err != nil {
		t.Fatal(err)
	}
	there := onPostgres(t, url)
	if err := there.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := there.Message(t.Context(), m.ID); err != nil || r.State != sms.Unknown {
		t.Errorf("%+v, error %v", r, err)
	}
}

func moveRefusesServed(t *testing.T, url string) {
	if err := onPostgres(t, url).Close(); err != nil { // the schema
		t.Fatal(err)
	}
	heartbeat := nodeRow(t, url)
	dir, _, _ := aPast(t, 7, 5)
	_, err := store.Move(t.Context(), moving(dir, url))
	if err == nil || !strings.Contains(err.Error(), "a server runs on the database") {
		t.Errorf("error %v", err)
	}
	heartbeat("16 seconds")
	if _, err := store.Move(t.Context(), moving(dir, url)); err != nil {
		t.Errorf("beside a dead node: %v", err)
	}
}

// nodeRow has a process live on a database, and answers how to make its heartbeat old.
func nodeRow(t *testing.T, url string) (age func(interval string)) {
	t.Helper()
	onDatabase(t, url, `INSERT INTO node (id, epoch, heartbeat, serving) VALUES (900, 900, now(), 1)`)
	return func(interval string) {
		onDatabase(t, url, `UPDATE node SET heartbeat = now() - $1::text::interval WHERE id = 900`, interval)
	}
}
