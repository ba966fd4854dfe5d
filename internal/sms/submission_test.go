package sms

import "testing"

func TestReceiptsWanted(t *testing.T) {
	for _, c := range []struct {
		asked Receipts
		want  []State
	}{
		{0, nil},
		{ReceiptDelivered, []State{Delivered}},
		{ReceiptFailed, []State{Failed, Expired, Unknown, Cancelled, Refused}},
		{ReceiptInterim, []State{Queued, Sent}},
	} {
		wanted := map[State]bool{}
		for _, s := range c.want {
			wanted[s] = true
		}
		for _, s := range []State{Queued, Sent, Delivered, Failed, Expired, Unknown, Cancelled, Refused} {
			if c.asked.Want(s) != wanted[s] {
				t.Errorf("%b wants %v: %v", c.asked, s, c.asked.Want(s))
			}
		}
	}
}

// TestGivenAddresses: a receipt names the addresses as they were given.
func TestGivenAddresses(t *testing.T) {
	for _, c := range []struct {
		source string
		plus   bool
		dest   string
		want   [2]string
	}{
		{"MyCompany", false, "393401234567", [2]string{"MyCompany", "393401234567"}},
		{"+48883", false, "+393401234567", [2]string{"48883", "+393401234567"}}, // the "+" is ours: it is no short code
		{"+393331234567", true, "00 39 340 1234567", [2]string{"+393331234567", "00393401234567"}},
		{"48883", false, "(39)3401234567", [2]string{"48883", "393401234567"}},
	} {
		number, err := ParseNumber(c.dest)
		if err != nil {
			t.Fatal(err)
		}
		m := &Message{Sender: Sender(c.source), Destination: number, Submission: Submission{SourceTON: 1, SourceNPI: 2, DestTON: 3, DestNPI: 4,
			SourcePlus: c.plus, DestPrefix: PrefixOf(c.dest)}}
		sourceTON, sourceNPI, source := m.GivenSource()
		destTON, destNPI, dest := m.GivenDestination()
		if got := [2]string{source, dest}; got != c.want || [4]uint8{sourceTON, sourceNPI, destTON, destNPI} != [4]uint8{1, 2, 3, 4} {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestSubmittedID(t *testing.T) {
	ids := NewPublicIDs([]byte("secret"))
	m := &Message{ID: 1 << 40}
	if got := ids.Submitted(m); got != ids.Format(m.ID) {
		t.Error(got)
	}
	if m.Campaign = "m-several"; ids.Submitted(m) != "m-several" {
		t.Error(ids.Submitted(m))
	}
}
