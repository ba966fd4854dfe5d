package status_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// ways are the carriers of the routes of now, in order.
type ways []route.Candidate

func (w ways) For(*sms.Message) []route.Candidate { return w }

func TestStory(t *testing.T) {
	r := record(sms.Failed, taken(sms.Failed, "027"), taken(sms.Delivered, ""))
	r.Message.Text, r.Message.Encoding, r.Message.Notify = "ciao ‘mondo‘ ✓", sms.UCS2, true
	r.Message.Submission.Receipts = sms.ReceiptFailed
	at := func(s int) time.Time { return accepted.Add(time.Duration(s) * time.Second) }
	event := func(s int) sms.ID { return sms.MakeID(at(s), 1, 0) }
	s := &shelf{records: []*sms.Record{r},
		incidents:    []sms.Incident{{At: at(1), Kind: "route", Detail: "north is away"}},
		hooked:       []sms.Event{{ID: event(3), State: sms.Failed, Stage: sms.EventFailed, Ended: at(9)}},
		hookAttempts: []sms.Attempt{{Event: event(3), Number: 1, At: at(4), Status: 500, Error: "500"}},
		told:         []sms.Event{{ID: event(5), Way: sms.BySMPP, State: sms.Failed, Stage: sms.EventWaiting}}}
	routes := ways{{Carrier: sms.Carrier{ID: 8}}, {Carrier: sms.Carrier{ID: 3}, Route: sms.Route{ID: 4, Prefix: "39"}}}
	reader := status.New(s, ids).Naming(names{}).Routing(routes).Explaining(func(_ sms.CarrierID, code string) string { return strings.TrimSpace("absent " + code) })
	story, err := reader.Story(t.Context(), ours, ids.Format(r.Message.ID))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, step := range story.Steps {
		told = append(told, fmt.Sprint(step.At.Sub(accepted), " ", step.Kind, " ", step.Carrier, step.Part))
	}
	want := []string{"0s 0 0", "1s 1 0", "1s 2 north0", "2s 3 1", "2s 3 2", "4s 6 0", "5s 4 0", "9s 5 0"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if w := story.Way; w.Carrier != "north" || !w.Known || w.Place != 2 || w.Of != 2 || w.Route.ID != 4 {
		t.Errorf("%+v", w)
	}
	if story.Account != "Acme" || story.Characters != 14 || string(story.Foreign) != "‘✓" || story.Parts[0].Words != "absent 027" || story.Parts[1].Words != "" {
		t.Errorf("%+v", story)
	}
	if lines := strings.Join(life(t, reader, ids.Format(r.Message.ID)), "\n"); strings.Contains(lines, "500") {
		t.Errorf("what was told by webhook:\n%s", lines)
	}
}

func TestStoryOfOthersIsNoStory(t *testing.T) {
	r := record(sms.Sent, taken(sms.Sent, ""))
	reader := status.New(&shelf{records: []*sms.Record{r}}, ids)
	if story, err := reader.Story(t.Context(), theirs, ids.Format(r.Message.ID)); sms.CodeOf(err) != sms.NotFound || story != nil {
		t.Errorf("%+v, error %v", story, err)
	}
}

// TestStoryOfLittle: of a blanked or refused message nothing is counted that is not there, and no route is guessed.
func TestStoryOfLittle(t *testing.T) {
	blanked, refused := record(sms.Delivered, taken(sms.Delivered, "")), record(sms.Refused)
	blanked.Message.Text, blanked.Message.Destination, blanked.Message.Encoding, blanked.Redacted = "", 0, sms.UCS2, true
	refused.Message.Refusal = "NO_ROUTE"
	for _, r := range []*sms.Record{blanked, refused} {
		story, err := status.New(&shelf{records: []*sms.Record{r}}, ids).Routing(ways{{Carrier: sms.Carrier{ID: 3}}}).Story(t.Context(), 0, ids.Format(r.Message.ID))
		if err != nil || story.Characters != 0 || story.Foreign != nil || story.Way.Known {
			t.Errorf("%+v, error %v", story, err)
		}
	}
	octets := record(sms.Delivered, taken(sms.Delivered, ""))
	octets.Message.Text, octets.Message.Encoding = "00ff", sms.Octets
	story, err := status.New(&shelf{records: []*sms.Record{octets}}, ids).Routing(ways{}).Story(t.Context(), 0, ids.Format(octets.Message.ID))
	if err != nil || story.Characters != 2 || !story.Octets || !story.Way.Known || story.Way.Place != 0 {
		t.Errorf("%+v, error %v", story, err)
	}
}
