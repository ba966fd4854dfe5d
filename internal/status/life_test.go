package status_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

func life(t *testing.T, reader *status.Reader, id string) (lines []string) {
	t.Helper()
	told, err := reader.Life(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range told {
		if l.At.IsZero() || i > 0 && i < len(told)-1 && l.At.Before(told[i-1].At) {
			t.Errorf("%q at %v", l.What, l.At)
		}
		lines = append(lines, l.What)
	}
	return lines
}

func TestLifeOfATroubledMessage(t *testing.T) {
	second := taken(sms.Delivered, "000")
	second.Ref, second.Doubts, second.At = "4f2b", 1, accepted.Add(20*time.Second)
	first := taken(sms.Failed, "017")
	first.Ref, first.At = "4f2a", accepted.Add(30*time.Second)
	r := record(sms.Failed, first, second)
	r.Message.CallerID, r.Message.Campaign, r.Message.Flash = "m-1", "spring", true
	s := &shelf{records: []*sms.Record{r}, incidents: []sms.Incident{
		{At: accepted.Add(500 * time.Millisecond), Kind: "attempt", Detail: "part 2: no answer; the carrier did not answer in time"},
		{At: accepted.Add(40 * time.Second), Kind: "repeated receipt", Detail: "part 1 again"},
	}}
	want := []string{
		"accepted as " + ids.Format(number(1)),
		"sent by account Acme, through http as stf_live_k1 from 203.0.113.9",
		"the caller's id is m-1",
		"campaign spring",
		"from MyCompany to +393401234567: GSM-7, 5 characters, 2 parts at 0.035 €, flash",
		"valid until 2026-03-06T12:00:00Z",
		"part 2: no answer; the carrier did not answer in time",
		"carrier north took its first part",
		"part 2 of 2: delivered to the handset, carrier's id 4f2b, carrier's code 000, 1 time without an answer before",
		"part 1 of 2: not delivered, carrier's id 4f2a, carrier's code 017",
		"repeated receipt: part 1 again",
		"now ERROR: part 1 of 2: not delivered (carrier code 017); costs 0.07 €",
	}
	reader := status.New(s, ids).Naming(names{})
	for _, id := range []string{"m-1", ids.Format(number(1))} {
		if diff := cmp.Diff(want, life(t, reader, id)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLifeAtEachStation(t *testing.T) {
	held := record(sms.Scheduled)
	held.Message.Due = accepted.Add(time.Hour)
	refused := record(sms.Refused)
	refused.Message.Refusal, refused.Message.PartPrice, refused.Message.Carrier = "NO_ROUTE", 0, 0
	removed := record(sms.Sent, taken(sms.Sent, ""))
	removed.Message.Carrier = 9
	command := record(sms.Queued)
	command.Message.Account, command.Message.Origin = 77, sms.Origin{Door: "command"}
	command.Message.UDH = []byte{0}
	for name, test := range map[string]struct {
		record *sms.Record
		want   []string
	}{
		"held":     {held, []string{"held until 2026-03-04T13:00:00Z", "now SENT: accepted, held until 2026-03-04T13:00:00Z; costs 0.035 €"}},
		"queued":   {record(sms.Queued), []string{"GSM-7, 5 characters, 1 part at 0.035 €", "now SENT: accepted, waiting for the carrier, in the queue of carrier north; costs 0.035 €"}},
		"sent":     {record(sms.Sent, taken(sms.Sent, "")), []string{"carrier north took it", "with the carrier, no receipt yet, carrier's id r1", "now SENT: handed to the carrier; costs 0.035 €"}},
		"on a way": {record(sms.Sent, seen(taken(sms.Sent, ""))), []string{"with the carrier, which reports it on its way, carrier's id r1", "now RECEIVED: the carrier has it and is trying; costs 0.035 €"}},
		"removed":  {removed, []string{"carrier number 9 (removed) took it"}},
		"refused":  {refused, []string{"refused as ", "from MyCompany to +393401234567: GSM-7, 1 part", "now ERROR: refused: NO_ROUTE"}},
		"expired":  {record(sms.Expired, part(sms.Expired)), []string{"expired", "now EXPIRED: the validity period ended; costs 0 €"}},
		"unknown":  {record(sms.Unknown, part(sms.Unknown)), []string{"nobody can say what became of it", "now UNKNOWN: "}},
		"waiting":  {record(sms.Queued, taken(sms.Sent, ""), part(sms.Queued)), []string{"part 1 of 2: with the carrier", "part 2 of 2: waiting to be sent"}},
		"command":  {command, []string{"sent by account number 77, through command", "a header of the caller's own"}},
	} {
		lines := life(t, status.New(&shelf{records: []*sms.Record{test.record}}, ids).Naming(names{}), ids.Format(number(1)))
		all := strings.Join(lines, "\n")
		for _, want := range test.want {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in\n%s", name, want, all)
			}
		}
		if strings.Contains(all, "hello") || strings.Contains(all, "invalid") {
			t.Errorf("%s:\n%s", name, all)
		}
	}
}

func TestLifeOfARefusedMessageHasNoPriceAndNoEnd(t *testing.T) {
	r := record(sms.Refused)
	r.Message.Refusal = "NO_ROUTE"
	all := strings.Join(life(t, status.New(&shelf{records: []*sms.Record{r}}, ids), ids.Format(number(1))), "\n")
	for _, never := range []string{"€", "valid until", "accepted", "character"} {
		if strings.Contains(all, never) {
			t.Errorf("%q in\n%s", never, all)
		}
	}
}

func TestLifeWithoutNamesWritesNumbers(t *testing.T) {
	all := strings.Join(life(t, status.New(&shelf{records: []*sms.Record{record(sms.Sent, taken(sms.Sent, ""))}}, ids), ids.Format(number(1))), "\n")
	if !strings.Contains(all, "account number 1,") || !strings.Contains(all, "carrier number 3 took it") {
		t.Error(all)
	}
}

func TestLifeOfNoMessage(t *testing.T) {
	for _, id := range []string{"m-1", "", ids.Format(number(1))} {
		if lines, err := status.New(&shelf{}, ids).Life(t.Context(), id); sms.CodeOf(err) != sms.NotFound || lines != nil {
			t.Errorf("%q: %v, %v", id, lines, err)
		}
	}
}

// TestBlanked: once text and number are blanked, neither answer pretends that they were empty from the start.
func TestBlanked(t *testing.T) {
	r := record(sms.Delivered, taken(sms.Delivered, "000"))
	r.Message.Text, r.Message.Destination, r.Redacted = "", 0, true
	reader := status.New(&shelf{records: []*sms.Record{r}}, ids)
	lines := strings.Join(life(t, reader, ids.Format(number(1))), "\n")
	if !strings.Contains(lines, "from MyCompany; its text and its recipient's number are blanked") {
		t.Error(lines)
	}
	found, err := reader.Find(t.Context(), ours, []string{ids.Format(number(1))})
	if err != nil || len(found) != 1 || found[0].Destination != "" || found[0].DeliveryStatus != "DELIVERED" {
		t.Errorf("%+v, error %v", found, err)
	}
}

func TestLifeTellsOfReceipts(t *testing.T) {
	r := record(sms.Delivered, taken(sms.Delivered, "000"))
	r.Message.Submission.Receipts = sms.ReceiptDelivered | sms.ReceiptInterim
	at := func(s int) time.Time { return accepted.Add(time.Hour + time.Duration(s)*time.Second) }
	id := func(s int) sms.ID { return sms.MakeID(at(s), 1, 0) }
	s := &shelf{records: []*sms.Record{r}, told: []sms.Event{
		{ID: id(0), Way: sms.BySMPP, State: sms.Sent, Stage: sms.EventFailed, Ended: at(10)},
		{ID: id(1), Way: sms.BySMPP, State: sms.Unknown, Stage: sms.EventWaiting},
		{ID: id(2), Way: sms.BySMPP, State: sms.Delivered, Stage: sms.EventDelivered, Ended: at(9)},
	}, attempts: []sms.Attempt{
		{Event: id(0), Number: 1, At: at(3), Error: "the message is not kept any more"},
		{Event: id(2), Number: 1, At: at(4), Receiver: "acme from 192.0.2.1", Error: "answered with ESME_RX_T_APPN"},
		{Event: id(2), Number: 2, At: at(9), Receiver: "acme from 192.0.2.2"},
	}}
	want := []string{
		"the customer's receipt, unknown: waits for a session that takes it",
		"the customer's receipt, sent: the message is not kept any more",
		"the customer's receipt, delivered: acme from 192.0.2.1: answered with ESME_RX_T_APPN",
		"the customer's receipt, delivered: taken by acme from 192.0.2.2",
		"the customer's receipt, sent: given up",
	}
	reader := status.New(s, ids).Naming(names{})
	if lines := life(t, reader, ids.Format(number(1))); len(lines) < 6 || !cmp.Equal(want, lines[len(lines)-6:len(lines)-1]) {
		t.Errorf("%s", cmp.Diff(want, lines))
	}
	r.Message.Submission.Receipts = 0
	if lines := life(t, reader, ids.Format(number(1))); strings.Contains(strings.Join(lines, "\n"), "receipt") {
		t.Errorf("of one that asked for none: %v", lines)
	}
}
