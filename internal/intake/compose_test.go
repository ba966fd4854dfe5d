package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffetta/staffetta/gsm"
	"github.com/staffetta/staffetta/internal/sms"
)

func (w *world) compose(t testing.TB, r *Request, destinations ...string) *Composition {
	t.Helper()
	c, err := w.Compose(t.Context(), w.caller, r, destinations)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompose_text(t *testing.T) {
	w := newWorld(t, sms.Euro)
	c := w.compose(t, &Request{Body: strings.Repeat("a", 152) + "€ {name}!", Placeholders: map[string]string{"name": "Ann"}})
	want := &Composition{Text: strings.Repeat("a", 152) + "€ Ann!", Encoding: gsm.GSM7, Characters: 158, MaxParts: 10, Room: 160 - 159,
		Pieces: []gsm.Piece{{Text: strings.Repeat("a", 152) + "€ Ann!", Units: 159}}, Placeholders: []string{"name"},
		Nearest: strings.Repeat("a", 152) + "€ {name}!", Prospects: []Prospect{}, Available: sms.Euro, Problems: []sms.FieldError{}}
	if diff := cmp.Diff(want, c); diff != "" || c.Units() != 159 {
		t.Error(diff, c.Units())
	}
	c = w.compose(t, &Request{Body: strings.Repeat("a", 152) + "€bcdefghi"})
	if len(c.Pieces) != 2 || c.Pieces[1].Text != "€bcdefghi" || c.Room != 153-10 {
		t.Errorf("%+v", c)
	}
	if c = w.compose(t, &Request{}); len(c.Pieces) != 1 || c.Room != 160 || len(c.Problems) > 0 {
		t.Errorf("nothing written yet: %+v", c)
	}
}

func TestCompose_obstacles(t *testing.T) {
	w := newWorld(t, sms.Euro)
	body := "l’amica {na’me}, {who} {who} {unknown…} 😀"
	c := w.compose(t, &Request{Body: body, Placeholders: map[string]string{"na’me": "“Ann", "who": "è", "unused": "…"}})
	want := []Obstacle{
		{gsm.Obstacle{Position: 1, Character: "’", Near: "'", HasNear: true}, ""},
		{gsm.Obstacle{Position: 0, Character: "“", Near: "\"", HasNear: true}, "na’me"},
		{gsm.Obstacle{Position: 37, Character: "…", Near: "...", HasNear: true}, ""},
		{gsm.Obstacle{Position: 40, Character: "😀"}, ""},
	}
	for i, o := range want {
		if o.Placeholder == "" && !strings.HasPrefix(string([]rune(body)[o.Position:]), o.Character) {
			t.Errorf("the test counts wrongly: %d", i)
		}
	}
	if diff := cmp.Diff(want, c.Obstacles); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(c.Placeholders, []string{"na’me", "who", "unknown…"}) || !slices.Equal(c.Missing, []string{"unknown…"}) {
		t.Errorf("%q, missing %q", c.Placeholders, c.Missing)
	}
	if c.Nearest != "l'amica {na’me}, {who} {who} {unknown...} 😀" || c.Encoding != gsm.UCS2 || c.Room != 70-c.Units() {
		t.Errorf("%q, %v, room %d", c.Nearest, c.Encoding, c.Room)
	}
	if many := w.compose(t, &Request{Body: strings.Repeat("😀", 300)}); len(many.Obstacles) != maxObstacles {
		t.Errorf("%d obstacles", len(many.Obstacles))
	}
	w.caller.Account.Settings.Transliterate = true
	if c := w.compose(t, &Request{Body: "l’amica"}); c.Encoding != gsm.GSM7 || len(c.Obstacles) > 0 || c.Text != "l'amica" {
		t.Errorf("transliterated: %+v", c)
	}
}

func TestCompose_prospects(t *testing.T) {
	w := newWorld(t, sms.Euro)
	w.places.refusal = map[sms.Number]string{393400000002: "not to this one"}
	r := with(func(r *Request) { r.Body = strings.Repeat("a", 161) })
	c := w.compose(t, r, "+39 340 0000001", "393400000002", "nobody")
	want := []Prospect{
		{Destination: "+393400000001", Price: 2 * partPrice, Route: "north"},
		{Destination: "+393400000002", Price: 2 * partPrice, Route: "north", Reasons: []string{SenderNotAllowed}, Details: []string{"not to this one"}},
		{Destination: "nobody", Problem: c.Prospects[2].Problem},
	}
	if diff := cmp.Diff(want, c.Prospects); diff != "" || c.Prospects[2].Problem == "" || c.Price != 2*partPrice {
		t.Errorf("%s, %v", diff, c.Price)
	}
	r.Sender = "" // not written yet
	if c := w.compose(t, r, "393400000002"); !c.Prospects[0].Accepted() || len(c.Problems) > 0 {
		t.Errorf("%+v", c)
	}
	if c := w.compose(t, with(func(r *Request) { r.Sender, r.Priority = "much too long a sender", "urgent" })); len(c.Problems) != 2 {
		t.Errorf("%+v", c.Problems)
	}
	w.places.none = true
	if c := w.compose(t, r, "393400000001"); !slices.Equal(c.Prospects[0].Reasons, []string{NoRoute}) || c.Price != 0 {
		t.Errorf("%+v", c.Prospects)
	}
	if n := w.rows(t); n != 0 || w.balance(t).Reserved != 0 || w.sent() != 0 {
		t.Errorf("%d rows, %+v, %d sent: it leaves traces", n, w.balance(t), w.sent())
	}
}

// What Compose says is what Accept does.
func TestCompose_agreesWithAccept(t *testing.T) {
	w := newWorld(t, sms.Euro)
	for _, body := range []string{"hello {name}", "l’amica {name}", strings.Repeat("€", 100), strings.Repeat("😀", 40), strings.Repeat("a", 1600)} {
		r := with(func(r *Request) { r.Body, r.Placeholders = body, map[string]string{"name": "“Ann”"} })
		c := w.compose(t, r, r.Destination)
		a := w.send(t, r)
		if a.Accepted != c.Prospects[0].Accepted() || a.Parts != len(c.Pieces) || a.Unicode != (c.Encoding == gsm.UCS2) {
			t.Errorf("%q: %+v, %+v", body, a, c)
		}
		if a.Accepted && w.stored(t, a.MessageID).Message.Price() != c.Price {
			t.Errorf("%q: price %v", body, c.Price)
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	w := newWorld(b, sms.Euro)
	var destinations []string
	for i := range 100 {
		destinations = append(destinations, fmt.Sprint(393400000000+i))
	}
	r := with(func(r *Request) {
		r.Body, r.Placeholders = strings.Repeat("Gentile {name}, l’ordine è in consegna… ", 30), map[string]string{"name": "Ann"}
	})
	b.ReportAllocs()
	for b.Loop() {
		w.compose(b, r, destinations...)
	}
}
