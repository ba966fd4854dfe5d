package status_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

func describe(t *testing.T, r *sms.Record) status.Status {
	t.Helper()
	found, err := status.New(&shelf{records: []*sms.Record{r}}, ids).Find(t.Context(), ours, []string{ids.Format(r.Message.ID)})
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, error %v", found, err)
	}
	return found[0]
}

func because(r *sms.Record, reason string) *sms.Record {
	r.Reason = reason
	return r
}

func TestEveryStateInTheWordsOfTheContract(t *testing.T) {
	sent, delivered, queued := taken(sms.Sent, ""), taken(sms.Delivered, "000"), part(sms.Queued)
	held := record(sms.Scheduled)
	held.Message.Due = accepted.Add(time.Hour)
	retried := record(sms.Queued, queued)
	retried.Message.Due, retried.Message.Attempts = accepted.Add(time.Minute), 1
	again := record(sms.Queued, queued)
	again.Message.Attempts = 2
	refused := record(sms.Refused)
	refused.Message.Refusal = "INSUFFICIENT_CREDIT"
	for _, test := range []struct {
		record       *sms.Record
		status, text string
	}{
		{held, "SENT", "accepted, held until 2026-03-04T13:00:00Z"},
		{record(sms.Queued), "SENT", "accepted, waiting for the carrier"},
		{record(sms.Sending), "SENT", "accepted, waiting for the carrier"},
		{retried, "SENT", "accepted, the carrier did not take it yet; tried again at 2026-03-04T12:01:00Z"},
		{again, "SENT", "accepted, the carrier did not take it yet; being tried again"},
		{record(sms.Queued, sent, queued), "SENT", "1 of 2 parts handed to the carrier, waiting for the carrier to take the rest"},
		{record(sms.Queued, seen(sent), queued), "RECEIVED", "1 of 2 parts handed to the carrier, waiting for the carrier to take the rest"},
		{record(sms.Queued, delivered, queued), "RECEIVED", "1 of 2 parts delivered to the handset"},
		{record(sms.Sent, sent), "SENT", "handed to the carrier"},
		{record(sms.Sent, sent, sent), "SENT", "handed to the carrier"},
		{record(sms.Sent, taken(sms.Unknown, ""), sent), "SENT", "handed to the carrier"},
		{record(sms.Sent, seen(sent)), "RECEIVED", "the carrier has it and is trying"},
		{record(sms.Sent, sent, seen(sent)), "RECEIVED", "the carrier has it and is trying"},
		{record(sms.Sent, delivered, sent, delivered), "RECEIVED", "2 of 3 parts delivered to the handset"},
		{record(sms.Delivered, delivered), "DELIVERED", "delivered to the handset"},
		{record(sms.Delivered, delivered, delivered), "DELIVERED", "delivered to the handset"},
		{record(sms.Failed, taken(sms.Failed, "017")), "ERROR", "not delivered (carrier code 017)"},
		{record(sms.Failed, taken(sms.Failed, "")), "ERROR", "not delivered"},
		{record(sms.Failed, delivered, taken(sms.Failed, "017"), sent), "ERROR", "part 2 of 3: not delivered (carrier code 017)"},
		{record(sms.Failed, part(sms.Failed), taken(sms.Failed, "017")), "ERROR", "part 2 of 2: not delivered (carrier code 017)"},
		{record(sms.Failed, taken(sms.Unknown, "9"), taken(sms.Failed, "017")), "ERROR", "part 2 of 2: not delivered (carrier code 017)"},
		{because(record(sms.Failed, sms.Part{State: sms.Failed, Code: "0x0000000b"}), "the carrier refused the destination"), "ERROR",
			"the carrier refused the destination (carrier code 0x0000000b)"},
		{record(sms.Expired, taken(sms.Expired, "000")), "EXPIRED", "the validity period ended (carrier code 000)"},
		{because(record(sms.Expired, part(sms.Expired)), "its validity ended before a carrier took it"), "EXPIRED", "its validity ended before a carrier took it"},
		{record(sms.Unknown, taken(sms.Unknown, "")), "UNKNOWN", "the carrier does not know what became of it"},
		{because(record(sms.Unknown, part(sms.Unknown)), "the carrier never answered"), "UNKNOWN", "the carrier never answered"},
		{record(sms.Unknown, delivered, taken(sms.Unknown, "7")), "UNKNOWN", "part 2 of 2: the carrier does not know what became of it (carrier code 7)"},
		{record(sms.Cancelled), "ERROR", "cancelled"},
		{refused, "ERROR", "refused: INSUFFICIENT_CREDIT"},
	} {
		got := describe(t, test.record)
		if got.DeliveryStatus != test.status || got.DeliveryStatusDescription != test.text {
			t.Errorf("%s %v: %s, %q; want %s, %q", test.record.State, test.record.Message.Progress, got.DeliveryStatus, got.DeliveryStatusDescription, test.status, test.text)
		}
	}
}

// The price that is shown is what the account has paid or reserved, whatever the parts went through: the same sum
// that the bills of their steps come to.
func TestPriceIsWhatTheBillsComeTo(t *testing.T) {
	for _, path := range [][]sms.State{
		{}, {sms.Sent}, {sms.Sent, sms.Delivered}, {sms.Sent, sms.Failed}, {sms.Sent, sms.Expired}, {sms.Sent, sms.Unknown},
		{sms.Failed}, {sms.Expired}, {sms.Unknown}, {sms.Sent, sms.Unknown, sms.Failed}, {sms.Sent, sms.Unknown, sms.Delivered},
	} {
		for _, final := range []bool{false, true} {
			state, paid, p := sms.Queued, sms.Money(35_000), part(sms.Queued)
			m := &sms.Message{PartPrice: 35_000, ChargeFinal: final}
			for _, to := range path {
				paid -= m.Settle(state, to).Released
				if to == sms.Sent {
					p.Ref = "r1"
				}
				if state == sms.Unknown {
					p.Waived = true
				}
				state, p.State = to, to
			}
			r := record(sms.Standing([]sms.Part{p}), p)
			r.Message.ChargeFinal = final
			if got := describe(t, r).Price; got != paid {
				t.Errorf("%v, charge final %v: price %s, want %s", path, final, got, paid)
			}
		}
	}
}

func TestPriceOfSeveralParts(t *testing.T) {
	for _, test := range []struct {
		record    *sms.Record
		submitted string
		delivery  string
	}{
		{record(sms.Queued), "0.035", "0.035"},
		{record(sms.Sent, taken(sms.Sent, ""), taken(sms.Delivered, "")), "0.07", "0.07"},
		{record(sms.Failed, taken(sms.Delivered, ""), taken(sms.Failed, ""), part(sms.Failed)), "0.07", "0.035"},
		{record(sms.Unknown, taken(sms.Delivered, ""), taken(sms.Unknown, "")), "0.07", "0.035"},
		{record(sms.Cancelled), "0", "0"},
		{record(sms.Refused), "0", "0"},
	} {
		for final, want := range map[bool]string{false: test.submitted, true: test.delivery} {
			test.record.Message.ChargeFinal = final
			if got := describe(t, test.record).Price.String(); got != want {
				t.Errorf("%s %v, charge final %v: %s, want %s", test.record.State, test.record.Message.Progress, final, got, want)
			}
		}
	}
}

func TestStatusHasTheMembersOfTheContract(t *testing.T) {
	r := record(sms.Delivered, taken(sms.Delivered, ""))
	want := status.Status{CustomerMessageID: ids.Format(number(1)), MessageID: ids.Format(number(1)), Channel: "SMS", Destination: "+393401234567",
		DeliveryStatus: "DELIVERED", DeliveryStatusDescription: "delivered to the handset", SendDate: &r.Sent, DeliveryDate: &r.Final, Parts: 1, Price: 35_000}
	if diff := cmp.Diff(want, describe(t, r)); diff != "" {
		t.Error(diff)
	}
	r = record(sms.Failed, part(sms.Failed))
	r.Message.CallerID = "m-1"
	got := describe(t, r)
	if got.CustomerMessageID != "m-1" || got.MessageID != ids.Format(number(1)) || got.SendDate != nil || got.DeliveryDate != nil {
		t.Errorf("%+v", got)
	}
}

func TestFindKeepsTheOrderAndLeavesOutTheUnknown(t *testing.T) {
	one, two, foreign := record(sms.Queued), record(sms.Queued), record(sms.Queued)
	two.Message.ID, two.Message.CallerID = number(2), "m-2"
	foreign.Message.ID, foreign.Message.Account, foreign.Message.CallerID = number(3), theirs, "m-3"
	reader := status.New(&shelf{records: []*sms.Record{one, two, foreign}}, ids)
	asked := []string{"m-2", "unknown", ids.Format(number(3)), ids.Format(number(1)), "m-3", ids.Format(number(9)), "", "m-2", ids.Format(number(2))}
	found, err := reader.Find(t.Context(), ours, asked)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range found {
		got = append(got, s.CustomerMessageID)
	}
	if diff := cmp.Diff([]string{"m-2", ids.Format(number(1)), "m-2", "m-2"}, got); diff != "" {
		t.Error(diff)
	}
	if found, err := reader.Find(t.Context(), ours, nil); err != nil || found == nil || len(found) != 0 {
		t.Errorf("none asked: %v, %v", found, err)
	}
}

// An account may choose an id that is the generated one of somebody else's message.
func TestFindTellsOnlyTheOwnMessageOfAnId(t *testing.T) {
	foreign, own := record(sms.Delivered, taken(sms.Delivered, "")), record(sms.Queued)
	foreign.Message.Account = theirs
	own.Message.ID, own.Message.CallerID = number(2), ids.Format(number(1))
	reader := status.New(&shelf{records: []*sms.Record{foreign, own}}, ids)
	for account, want := range map[sms.AccountID]string{ours: ids.Format(number(2)), theirs: ids.Format(number(1))} {
		found, err := reader.Find(t.Context(), account, []string{ids.Format(number(1))})
		if err != nil || len(found) != 1 || found[0].MessageID != want {
			t.Errorf("account %d: %+v, %v", account, found, err)
		}
	}
}

func TestAStoreThatCannotReadIsNoUnknownId(t *testing.T) {
	reader := status.New(&shelf{err: errShelf}, ids)
	for _, id := range []string{"m-1", ids.Format(number(1))} {
		if found, err := reader.Find(t.Context(), ours, []string{id}); !errors.Is(err, errShelf) || found != nil {
			t.Errorf("%v, %v", found, err)
		}
		if lines, err := reader.Life(t.Context(), id); !errors.Is(err, errShelf) || lines != nil {
			t.Errorf("%v, %v", lines, err)
		}
	}
}
