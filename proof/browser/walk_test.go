package browser

import (
	"slices"
	"strings"
	"testing"
)

// person is who signs in.
type person struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// view is a theme and a width of the window in CSS pixels.
type view struct {
	Theme string `json:"theme"`
	Width int    `json:"width"`
}

// everyView are the four in which the role that sees most of a page looks at it; the others look at it in one of them.
var everyView = []view{{"light", 1440}, {"dark", 1440}, {"dark", 390}, {"light", 390}}

// stop is one page of a walk.
type stop struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Status int    `json:"status,omitempty"` // 0: 200
	Leads  bool   `json:"leads,omitempty"`  // to another page
	Views  []view `json:"views"`
}

// walk is the pages that one role looks at, in order.
type walk struct {
	Name   string  `json:"name"`
	Person *person `json:"person"` // nil: nobody
	Locale string  `json:"locale"` // of the browser; empty: British
	Pages  []stop  `json:"pages"`
}

// looked is what a walk says of one page.
type looked struct {
	Walk, Page string
	Bytes      int
	Paint      *float64 // ms until the first contentful paint
	Wrongs     []string
}

// heaviest is the most that a page may weigh in all, uncached, in bytes as they are transferred.
const heaviest = 150 * 1024

// walkPages walks, and fails for whatever is wrong.
func walkPages(t *testing.T, address string, walks []walk) {
	t.Helper()
	wanted := 0
	for _, w := range walks {
		wanted += len(w.Pages)
	}
	seen := run[looked](t, "walk.mjs", struct {
		tools
		Walks []walk `json:"walks"`
	}{newTools(t, address), walks})
	if len(seen) != wanted {
		t.Errorf("%d of %d pages were looked at", len(seen), wanted)
	}
	slices.SortFunc(seen, func(a, b looked) int { return strings.Compare(a.Page+a.Walk, b.Page+b.Walk) })
	for _, l := range seen {
		paint := -1.
		if l.Paint != nil {
			paint = *l.Paint
		}
		t.Logf("%-24s as %-10s %6.1f KB, first paint after %4.0f ms", l.Page, l.Walk, float64(l.Bytes)/1024, paint)
		if l.Bytes > heaviest {
			l.Wrongs = append(l.Wrongs, "weighs more than 150 KB")
		}
		for _, wrong := range l.Wrongs {
			t.Errorf("%s as %s: %s", l.Page, l.Walk, wrong)
		}
	}
}

func TestAPIDocs(t *testing.T) {
	s := start(t)
	walkPages(t, s.Addr, []walk{{Name: "anybody", Pages: []stop{{Name: "docs", Path: "/docs", Views: everyView}}}})
}
