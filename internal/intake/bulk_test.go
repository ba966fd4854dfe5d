package intake

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/sms"
)

// entryTo is a plain entry for destinations.
func entryTo(to ...string) BulkEntry {
	return BulkEntry{Destinations: to, Sender: "MyCompany", Body: "hello"}
}

// bulkWith is a call of one plain entry for two destinations, changed.
func bulkWith(change func(b *Bulk, e *BulkEntry)) *Bulk {
	b := &Bulk{Entries: []BulkEntry{entryTo("+393401234567", "00393401234568")}}
	change(b, &b.Entries[0])
	return b
}

// reasons are those of all results, "" for what was accepted.
func reasons(a BulkAnswer) (list []string) {
	for _, r := range a.Results {
		list = append(list, r.Reason)
	}
	return list
}

func wantBulk(t *testing.T, a BulkAnswer, messages, parts int, credit sms.Money, want ...string) {
	t.Helper()
	if got := reasons(a); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("reasons %q, want %q", got, want)
	}
	if a.Messages != messages || a.Parts != parts || a.Credit != credit {
		t.Errorf("%d messages, %d parts, credit %s; want %d, %d, %s", a.Messages, a.Parts, a.Credit, messages, parts, credit)
	}
}

func TestBulkIsStoredAndSent(t *testing.T) {
	w := newWorld(t, sms.Euro)
	a := w.bulk(t, bulkWith(func(b *Bulk, e *BulkEntry) { b.GlobalID, e.IDs = "g-1", []string{"m-1", ""} }))
	wantBulk(t, a, 2, 2, sms.Euro-2*partPrice, "", "")
	if a.GlobalID != "g-1" || a.Results[0].ID != "m-1" || a.Results[1].Destination != "+393401234568" || w.sent() != 2 {
		t.Errorf("%+v, %d sent", a, w.sent())
	}
	for i, to := range []sms.Number{393401234567, 393401234568} {
		m := w.stored(t, a.Results[i].ID).Message
		if m.Destination != to || m.Campaign != "g-1" || m.Text != "hello" || !m.Notify || m.Carrier != 7 || m.PartPrice != partPrice ||
			m.Origin.Door != "http" || m.Origin.Address != "203.0.113.9" || m.Expires.Sub(m.ID.Time()).Round(time.Minute) != defaultValidity {
			t.Errorf("%+v", m)
		}
	}
	if b := w.balance(t); b.Available() != a.Credit {
		t.Errorf("balance %+v", b)
	}
}

// What is wrong with a call as a whole names its member, and nothing is stored.
func TestBulkFaults(t *testing.T) {
	w := newWorld(t, sms.Euro)
	for name, c := range map[string]struct {
		change func(b *Bulk, e *BulkEntry)
		field  string
	}{
		"globalId too long":         {func(b *Bulk, _ *BulkEntry) { b.GlobalID = strings.Repeat("é", 65) }, "globalId"},
		"maxIdLen 0":                {func(b *Bulk, _ *BulkEntry) { b.MaxIDLen = ptr(int64(0)) }, "maxIdLen"},
		"maxIdLen 65":               {func(b *Bulk, _ *BulkEntry) { b.MaxIDLen = ptr(int64(65)) }, "maxIdLen"},
		"maxIdLen negative":         {func(b *Bulk, _ *BulkEntry) { b.MaxIDLen = ptr(int64(-1 << 62)) }, "maxIdLen"},
		"no messages":               {func(b *Bulk, _ *BulkEntry) { b.Entries = nil }, "messages"},
		"no destinations":           {func(_ *Bulk, e *BulkEntry) { e.Destinations = nil }, "messages[0].destinations"},
		"no sender":                 {func(_ *Bulk, e *BulkEntry) { e.Sender = "" }, "messages[0].sender"},
		"no body":                   {func(_ *Bulk, e *BulkEntry) { e.Body = "" }, "messages[0].body"},
		"fewer ids":                 {func(_ *Bulk, e *BulkEntry) { e.IDs = []string{"a"} }, "messages[0].ids"},
		"more ids":                  {func(_ *Bulk, e *BulkEntry) { e.IDs = []string{"a", "b", "c"} }, "messages[0].ids"},
		"no ids, but an array":      {func(_ *Bulk, e *BulkEntry) { e.IDs = []string{} }, "messages[0].ids"},
		"id longer than 64":         {func(_ *Bulk, e *BulkEntry) { e.IDs = []string{"a", strings.Repeat("x", 65)} }, "messages[0].maxIdLen"},
		"id longer than maxIdLen":   {func(b *Bulk, e *BulkEntry) { b.MaxIDLen, e.IDs = ptr(int64(3)), []string{"abcd", "a"} }, "messages[0].maxIdLen"},
		"udhData no hex":            {func(_ *Bulk, e *BulkEntry) { e.UDHData = "0g" }, "messages[0].udhData"},
		"udhData of another length": {func(_ *Bulk, e *BulkEntry) { e.UDHData = "0600" }, "messages[0].udhData"},
		"udhData no header":         {func(_ *Bulk, e *BulkEntry) { e.UDHData = "0200ff" }, "messages[0].udhData"},
		"scheduling no date":        {func(_ *Bulk, e *BulkEntry) { e.Scheduling = "tomorrow" }, "messages[0].scheduling"},
		"scheduling long ago":       {func(_ *Bulk, e *BulkEntry) { e.Scheduling = "2001-01-01T00:00:00Z" }, "messages[0].scheduling"},
		"scheduling far away":       {func(_ *Bulk, e *BulkEntry) { e.Scheduling = "2999-01-01T00:00:00Z" }, "messages[0].scheduling"},
		"hexBody no hex":            {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "004g", true }, "messages[0].hexBody"},
		"hexBody half an octet":     {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "0041004", true }, "messages[0].hexBody"},
		"hexBody half a unit":       {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "004100", true }, "messages[0].hexBody"},
		"hexBody lone surrogate":    {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "0041d83d0041", true }, "messages[0].hexBody"},
		"hexBody low surrogate":     {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "de00", true }, "messages[0].hexBody"},
		"hexBody with U+0000":       {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "0000", true }, "messages[0].hexBody"},
		"octets, half of one":       {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody, e.UDHData = "000", true, "0605040b8423f0" }, "messages[0].hexBody"},
		"in the last entry": {func(b *Bulk, _ *BulkEntry) {
			b.Entries = append(b.Entries, BulkEntry{Destinations: []string{"1"}, Sender: "s"})
		}, "messages[1].body"},
	} {
		_, err := w.AcceptBulk(t.Context(), w.caller, "http", bulkWith(c.change))
		if fields := fieldsOf(t, err); len(fields) != 1 || fields[c.field] == "" {
			t.Errorf("%s: fields %v, want %s", name, fields, c.field)
		}
	}
	if n := w.rows(t); n != 0 || w.sent() != 0 {
		t.Errorf("%d rows, %d sent", n, w.sent())
	}
	many := entryTo(strings.Split(strings.Repeat("+393401234567 ", MaxDestinations), " ")...)
	if _, err := w.AcceptBulk(t.Context(), w.caller, "http", &Bulk{Entries: []BulkEntry{many}}); sms.CodeOf(err) != sms.TooLarge {
		t.Errorf("10,001 destinations: %v", err)
	}
}

// A destination that is refused does not stop the others.
func TestBulkRefusesOneByOne(t *testing.T) {
	w := newWorld(t, sms.Euro)
	long, longer := strings.Repeat("a", 10_001), strings.Repeat("a", 5_001)
	for name, c := range map[string]struct {
		change func(e *BulkEntry)
		want   string
	}{
		"sender":                 {func(e *BulkEntry) { e.Sender = "no sender!" }, SenderNotAllowed},
		"text too long":          {func(e *BulkEntry) { e.Body = long }, BadText},
		"value too long":         {func(e *BulkEntry) { e.Placeholders = []Placeholder{{"k", long}} }, BadText},
		"too long when replaced": {func(e *BulkEntry) { e.Body, e.Placeholders = "{k}{k}", []Placeholder{{"k", longer}} }, BadText},
		"empty when replaced":    {func(e *BulkEntry) { e.Body, e.Placeholders = "{k}", []Placeholder{{"k", "x"}, {"k", ""}} }, BadText},
		"too many parts":         {func(e *BulkEntry) { e.Body = strings.Repeat("a", 1531) }, TooManyParts},
		"text behind a header":   {func(e *BulkEntry) { e.Body, e.UDHData = strings.Repeat("a", 153), "0605040b8423f0" }, BadText},
		"octets behind a header": {func(e *BulkEntry) { e.Body, e.HexBody, e.UDHData = strings.Repeat("00", 134), true, "0605040b8423f0" }, BadText},
	} {
		bad := entryTo("+393401234560", "+393401234561")
		c.change(&bad)
		before := w.balance(t).Available()
		a := w.bulk(t, &Bulk{Entries: []BulkEntry{entryTo("+393401234567"), bad, entryTo("12", "+393401234568", "")}})
		t.Log(name)
		wantBulk(t, a, 2, 2, before-2*partPrice, "", c.want, c.want, BadDestination, "", BadDestination)
		if a.Results[1].Destination != "+393401234560" || a.Results[3].Destination != "12" || a.Unpaid || a.Results[3].Detail == "" {
			t.Errorf("%+v", a.Results)
		}
	}
}

func TestBulkWithoutRoute(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.places.none = true
	a := w.bulk(t, bulkWith(func(*Bulk, *BulkEntry) {}))
	wantBulk(t, a, 0, 0, sms.Euro, NoRoute, NoRoute)
	if r := w.stored(t, a.Results[0].ID); r.State != sms.Refused {
		t.Errorf("%+v", r)
	}
}

// Credit is taken in order, to the micro-euro, across entries; one that is too dear does not stop a cheaper one.
func TestBulkCreditInOrder(t *testing.T) {
	w := newWorld(t, 4*partPrice)
	two := entryTo("+393401234561", "+393401234562", "+393401234563")
	two.Body = strings.Repeat("a", 161)
	b := &Bulk{Entries: []BulkEntry{entryTo("+393401234560"), two, entryTo("+393401234564", "bad", "+393401234565")}}
	simulated := *b
	simulated.Simulation = true
	a := w.bulk(t, &simulated)
	wantBulk(t, a, 3, 4, 4*partPrice, "", "", NoCredit, NoCredit, "", BadDestination, NoCredit)
	a = w.bulk(t, b)
	wantBulk(t, a, 3, 4, 0, "", "", NoCredit, NoCredit, "", BadDestination, NoCredit)
	if a.Unpaid || w.sent() != 3 {
		t.Errorf("unpaid %v, %d sent", a.Unpaid, w.sent())
	}
	for _, simulate := range []bool{true, false} {
		again := bulkWith(func(b *Bulk, e *BulkEntry) {
			b.Simulation = simulate
			e.Destinations = append(e.Destinations, "bad")
		})
		if a := w.bulk(t, again); !a.Unpaid || a.Messages != 0 {
			t.Errorf("without credit: %+v", a)
		}
	}
	if a := w.bulk(t, &Bulk{Entries: []BulkEntry{entryTo("bad")}}); a.Unpaid || a.Credit != 0 {
		t.Errorf("nothing to pay for: %+v", a)
	}
}

func TestBulkIDsAgain(t *testing.T) {
	w := newWorld(t, sms.Euro)
	call := func(change func(*BulkEntry)) *Bulk {
		return bulkWith(func(b *Bulk, e *BulkEntry) {
			e.IDs = []string{"m-1", "m-2"}
			change(e)
		})
	}
	first := w.bulk(t, call(func(*BulkEntry) {}))
	left := sms.Euro - 2*partPrice
	wantBulk(t, first, 2, 2, left, "", "")
	for name, c := range map[string]struct {
		change func(*BulkEntry)
		want   [2]string
	}{
		"the same":               {func(*BulkEntry) {}, [2]string{"", ""}},
		"in another spelling":    {func(e *BulkEntry) { e.Destinations[0] = "39 (340) 123-45.67" }, [2]string{"", ""}},
		"replaced":               {func(e *BulkEntry) { e.Body, e.Placeholders = "h{x}", []Placeholder{{"x", "ello"}} }, [2]string{"", ""}},
		"as hex":                 {func(e *BulkEntry) { e.Body, e.HexBody = "00680065006c006c006F", true }, [2]string{"", ""}},
		"to others":              {func(e *BulkEntry) { e.Destinations[1] = "+393401234569" }, [2]string{"", IDTaken}},
		"changed places":         {func(e *BulkEntry) { e.IDs[0], e.IDs[1] = e.IDs[1], e.IDs[0] }, [2]string{IDTaken, IDTaken}},
		"another text":           {func(e *BulkEntry) { e.Body = "hello!" }, [2]string{IDTaken, IDTaken}},
		"another sender":         {func(e *BulkEntry) { e.Sender = "Other" }, [2]string{IDTaken, IDTaken}},
		"another header":         {func(e *BulkEntry) { e.UDHData = "0605040b8423f0" }, [2]string{IDTaken, IDTaken}},
		"at another time":        {func(e *BulkEntry) { e.Scheduling = time.Now().Add(time.Hour).Format(time.RFC3339) }, [2]string{IDTaken, IDTaken}},
		"a bad one is no matter": {func(e *BulkEntry) { e.Destinations[0] = "x" }, [2]string{BadDestination, ""}},
	} {
		b := call(c.change)
		b.GlobalID = "another call"
		a := w.bulk(t, b)
		if got := [2]string(reasons(a)); got != c.want || a.Credit != left {
			t.Errorf("%s: %q, credit %s", name, got, a.Credit)
		}
	}
	if w.sent() != 2 {
		t.Errorf("%d sent", w.sent())
	}
	// Within one call, too; and ids that we made are not the caller's to use.
	made := w.bulk(t, bulkWith(func(*Bulk, *BulkEntry) {})).Results[0].ID
	a := w.bulk(t, &Bulk{Entries: []BulkEntry{{Destinations: []string{"+393401234567", "+393401234567", "+393401234568", "+393401234567"},
		IDs: []string{"n-1", "n-1", "n-1", made}, Sender: "MyCompany", Body: "hello"}}})
	wantBulk(t, a, 2, 2, left-3*partPrice, "", "", IDTaken, IDTaken)
	if w.sent() != 5 {
		t.Errorf("%d sent", w.sent())
	}
}

// A hundred equal calls at once make one set of messages.
func TestBulkEqualCallsAtOnce(t *testing.T) {
	w := newWorld(t, 100*sms.Euro)
	e := entryTo()
	for n := range 20 {
		e.Destinations, e.IDs = append(e.Destinations, fmt.Sprintf("+3934012345%02d", n)), append(e.IDs, fmt.Sprintf("m-%d", n))
	}
	var callers sync.WaitGroup
	for range 100 {
		callers.Go(func() {
			a, err := w.AcceptBulk(t.Context(), w.caller, "http", &Bulk{Entries: []BulkEntry{e}})
			if err != nil || a.Messages != 20 || a.Credit != 100*sms.Euro-20*partPrice {
				t.Errorf("%v, %+v", err, a)
			}
		})
	}
	callers.Wait()
	if n := w.rows(t); n != 40 || w.sent() != 20 { // 20 messages, 20 ids
		t.Errorf("%d rows, %d sent", n, w.sent())
	}
}

// Ten thousand destinations are accepted in one commit, and a bad one among them is told.
func TestBulkOfTenThousand(t *testing.T) {
	w := newWorld(t, 1000*sms.Euro)
	e := entryTo()
	for n := range MaxDestinations {
		e.Destinations = append(e.Destinations, fmt.Sprintf("+39340%07d", n))
	}
	e.Destinations[4_711] = "nobody"
	before := w.store.Counters.Commits.Load()
	a := w.bulk(t, &Bulk{Entries: []BulkEntry{e}})
	if a.Messages != MaxDestinations-1 || a.Credit != 1000*sms.Euro-(MaxDestinations-1)*partPrice || a.Results[4_711].Reason != BadDestination {
		t.Errorf("%d accepted, credit %s, %+v", a.Messages, a.Credit, a.Results[4_711])
	}
	if commits := w.store.Counters.Commits.Load() - before; commits != 1 || w.sent() != MaxDestinations-1 || w.rows(t) != MaxDestinations-1 {
		t.Errorf("%d commits, %d sent, %d rows", commits, w.sent(), w.rows(t))
	}
}

// maxIdLen bounds the ids that we make; they find their messages, and no two are the same.
func TestBulkShortIDs(t *testing.T) {
	w := newWorld(t, 100*sms.Euro)
	for _, longest := range []int64{1, 2, 8, 35, 36, 64} {
		a := w.bulk(t, bulkWith(func(b *Bulk, e *BulkEntry) { b.MaxIDLen = &longest }))
		wantBulk(t, a, 2, 2, a.Credit, "", "")
		for _, r := range a.Results {
			if r.ID == "" || utf8.RuneCountInString(r.ID) > int(longest) || w.stored(t, r.ID).Message.Destination.String() != r.Destination {
				t.Errorf("maxIdLen %d: %+v", longest, r)
			}
		}
		if len(a.GlobalID) > int(longest) || a.GlobalID == "" {
			t.Errorf("maxIdLen %d: globalId %q", longest, a.GlobalID)
		}
	}
	e := entryTo(strings.Fields(strings.Repeat("+393401234567 ", 40))...)
	a := w.bulk(t, &Bulk{MaxIDLen: ptr(int64(1)), Entries: []BulkEntry{e}})
	seen := map[string]bool{}
	for _, r := range a.Results {
		if r.Reason == "" && seen[r.ID] || r.Reason != "" && (r.Reason != NoID || r.ID != "") {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
	if a.Messages < 20 || a.Messages > 30 { // of 32 letters two are gone
		t.Errorf("%d messages have one of 32 ids", a.Messages)
	}
}

func TestBulkContent(t *testing.T) {
	const port = "0605040b8423f0"
	w := newWorld(t, 100*sms.Euro)
	for name, c := range map[string]struct {
		change   func(b *Bulk, e *BulkEntry)
		text     string
		encoding sms.Encoding
		parts    int
	}{
		"plain": {func(*Bulk, *BulkEntry) {}, "hello", sms.GSM7, 1},
		"placeholders": {func(_ *Bulk, e *BulkEntry) {
			e.Body, e.Placeholders = "{a}{b}{c}", []Placeholder{{"a", "{b}"}, {"b", "1"}}
		}, "{b}1{c}", sms.GSM7, 1},
		"Unicode":             {func(_ *Bulk, e *BulkEntry) { e.Body = "привет" }, "привет", sms.UCS2, 1},
		"no Unicode":          {func(b *Bulk, e *BulkEntry) { b.GSMOnly, e.Body = true, "l’été ✓ я" }, "l'été ? ?", sms.GSM7, 1},
		"several parts":       {func(_ *Bulk, e *BulkEntry) { e.Body = strings.Repeat("a", 161) }, strings.Repeat("a", 161), sms.GSM7, 2},
		"one part":            {func(b *Bulk, e *BulkEntry) { b.OnePart, e.Body = true, strings.Repeat("€", 81) }, strings.Repeat("€", 80), sms.GSM7, 1},
		"one part of Unicode": {func(b *Bulk, e *BulkEntry) { b.OnePart, e.Body = true, strings.Repeat("я", 69)+"😀" }, strings.Repeat("я", 69), sms.UCS2, 1},
		"one part, enough":    {func(b *Bulk, e *BulkEntry) { b.OnePart, e.Body = true, strings.Repeat("a", 160) }, strings.Repeat("a", 160), sms.GSM7, 1},
		"both":                {func(b *Bulk, e *BulkEntry) { b.OnePart, b.GSMOnly, e.Body = true, true, strings.Repeat("я", 200) }, strings.Repeat("?", 160), sms.GSM7, 1},
		"hex":                 {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "00480069D83DdE00", true }, "Hi😀", sms.UCS2, 1},
		"hex, plain":          {func(_ *Bulk, e *BulkEntry) { e.Body, e.HexBody = "00480069", true }, "Hi", sms.GSM7, 1},
		"hex, no Unicode":     {func(b *Bulk, e *BulkEntry) { b.GSMOnly, e.Body, e.HexBody = true, "0048D83DDE00", true }, "H?", sms.GSM7, 1},
		"header":              {func(_ *Bulk, e *BulkEntry) { e.UDHData, e.Body = port, strings.Repeat("a", 152) }, strings.Repeat("a", 152), sms.GSM7, 1},
		"header, octets":      {func(_ *Bulk, e *BulkEntry) { e.UDHData, e.Body, e.HexBody = port, "0080FFd83d", true }, "0080ffd83d", sms.Octets, 1},
		"header, most octets": {func(_ *Bulk, e *BulkEntry) { e.UDHData, e.Body, e.HexBody = port, strings.Repeat("00", 133), true }, strings.Repeat("00", 133), sms.Octets, 1},
		"ten parts":           {func(_ *Bulk, e *BulkEntry) { e.Body = strings.Repeat("a", 1530) }, strings.Repeat("a", 1530), sms.GSM7, 10},
	} {
		a := w.bulk(t, bulkWith(c.change))
		if a.Messages != 2 || a.Parts != 2*c.parts {
			t.Errorf("%s: %+v", name, a)
			continue
		}
		m := w.stored(t, a.Results[1].ID).Message
		if m.Text != c.text || m.Encoding != c.encoding || m.Parts != c.parts || strings.HasPrefix(name, "header") != (m.UDH != nil) {
			t.Errorf("%s: %+v", name, m)
		}
		if other := w.stored(t, a.Results[0].ID).Message; c.parts > 1 && other.Reference == m.Reference && other.Destination == m.Destination {
			t.Errorf("%s: the same reference", name)
		}
	}
}

func TestBulkOptions(t *testing.T) {
	w := newWorld(t, sms.Euro)
	due := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	a := w.bulk(t, bulkWith(func(b *Bulk, e *BulkEntry) {
		b.Silent = true
		e.Scheduling = due.Format("2006-01-02 15:04:05.000-0700")
	}))
	r := w.stored(t, a.Results[0].ID)
	if r.State != sms.Scheduled || !r.Message.Due.Equal(due) || r.Message.Notify || w.sent() != 0 || r.Message.Campaign != a.GlobalID || a.GlobalID == "" {
		t.Errorf("%+v, %d sent, globalId %q", r.Message, w.sent(), a.GlobalID)
	}
	before, rows := w.balance(t), w.rows(t)
	a = w.bulk(t, bulkWith(func(b *Bulk, e *BulkEntry) { b.Simulation, e.IDs = true, []string{"s-1", ""} }))
	wantBulk(t, a, 2, 2, before.Available(), "", "")
	if a.Results[0].ID != "s-1" || a.Results[1].ID == "" || w.rows(t) != rows || w.balance(t) != before {
		t.Errorf("simulation: %+v", a)
	}
	if _, err := w.AcceptBulk(t.Context(), w.caller, "http", bulkWith(func(b *Bulk, e *BulkEntry) { b.Simulation, e.Scheduling = true, "x" })); err == nil {
		t.Error("a simulation of a wrong call")
	}
}

// Digests are stored: a server that computes others calls honest repetitions of yesterday's calls conflicts.
func TestBulkDigestStaysAcrossVersions(t *testing.T) {
	w := newWorld(t, sms.Euro)
	a := w.bulk(t, &Bulk{Entries: []BulkEntry{{Destinations: []string{"+393401234567"}, IDs: []string{"m-1"}, Sender: "MyCompany", Body: "L’amica",
		UDHData: "0605040b8423f0"}}})
	if got := w.stored(t, a.Results[0].ID).Message.Digest; got != 0xd9c3713bde95aac {
		t.Errorf("%#x", got)
	}
}

// FuzzBulk: what is let through can be stored and sent; what is refused says why.
func FuzzBulk(f *testing.F) {
	f.Add("+393401234567", "MyCompany", "Hi {name}", "name", "Ann", "", "", "m-1", int64(64), uint8(0))
	f.Add("00393401234567", "+39333", "d83dde00", "b", "x", "", "2026-03-04 14:30:00.000+0100", "", int64(1), uint8(1))
	f.Add("391234567", "48883", "0080ff", "", "", "0605040b8423f0", "", "é", int64(8), uint8(31))
	w := newWorld(f, sms.Euro)
	f.Fuzz(func(t *testing.T, to, from, body, key, value, udh, date, id string, longest int64, flags uint8) {
		e := BulkEntry{Destinations: []string{to}, Sender: from, Body: body, HexBody: flags&1 != 0, UDHData: udh, Scheduling: date,
			Placeholders: []Placeholder{{key, value}}}
		if id != "" {
			e.IDs = []string{id}
		}
		b := &Bulk{GlobalID: value, MaxIDLen: &longest, OnePart: flags&2 != 0, GSMOnly: flags&4 != 0, Silent: flags&8 != 0, Entries: []BulkEntry{e}}
		call, err := w.checkBulk(b, w.caller, "http", noon)
		if err != nil {
			if refusal, ok := errors.AsType[*sms.Error](err); !ok || refusal.Code != sms.Invalid || len(refusal.Fields) == 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		if r := call.results[0]; r.admission == nil {
			if r.Reason == "" || r.Detail == "" {
				t.Fatalf("%+v", r)
			}
		} else if m := r.admission.Message; m.Encoding == sms.Octets {
			if m.Parts != 1 || len(m.UDH)+len(m.Text)/2 > 140 {
				t.Fatalf("%+v", m)
			}
		} else {
			sound(t, m)
		}
	})
}
