package outbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/sms"
)

func TestInboundEvent(t *testing.T) {
	id := sms.MakeID(time.Date(2031, 2, 3, 7, 45, 2, 0, time.UTC), 1, 5)
	in := &sms.InboundMessage{ID: id, Source: "+393401234567", Destination: "48883", Text: "perché <no>?", Ports: sms.NoPorts, Parts: 3, Came: 2,
		At: time.Date(2031, 2, 3, 8, 45, 1, 0, time.FixedZone("", 3600))}
	o := &Outbox{ids: testIDs}
	write := func() string {
		body, err := o.body(&sms.Event{ID: id + 1, Kind: sms.InboundEvent, MessageID: id, Inbound: in})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	want := `{"eventType":"INBOUND","channel":"SMS","messageId":"` + testIDs.Format(id) + `","source":"+393401234567","destination":"48883",` +
		`"text":"perché <no>?","messageType":"TEXT","timestamp":"2031-02-03T07:45:02.000Z","receivedDate":"2031-02-03T07:45:01.000Z",` +
		`"totalParts":3,"receivedParts":2}`
	if diff := cmp.Diff(want, write()); diff != "" {
		t.Error(diff)
	}
	in.Encoding, in.Text, in.Ports, in.Came = sms.Octets, "00FF", 2948<<16|9200, 3
	want = `{"eventType":"INBOUND","channel":"SMS","messageId":"` + testIDs.Format(id) + `","source":"+393401234567","destination":"48883",` +
		`"text":"00FF","messageType":"BINARY","timestamp":"2031-02-03T07:45:02.000Z","receivedDate":"2031-02-03T07:45:01.000Z",` +
		`"totalParts":3,"receivedParts":3,"destinationPort":2948,"sourcePort":9200}`
	if diff := cmp.Diff(want, write()); diff != "" {
		t.Error(diff)
	}
}
