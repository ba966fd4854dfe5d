package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const badPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bad</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"><script src="/script.js"></script></head>
<body><main><h1>Bad</h1><p id="pale">pale words</p><div id="wide">wide</div><img src="/missing.png"><p style="color:red">styled</p></main></body></html>`

const goodPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Good</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"></head><body><main><h1>Good</h1></main></body></html>`

// badServer serves a page on which everything is wrong that a walk looks for, and one on which nothing is.
func badServer(t *testing.T) (address string) {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(path, contentType, text string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
			_, _ = w.Write([]byte(text))
		})
	}
	answer("/bad", "text/html", badPage)
	answer("/good", "text/html", goodPage)
	answer("/style.css", "text/css", "#pale{color:#ccc;background:#fff} #wide{width:2000px}")
	answer("/script.js", "text/javascript", "/*"+strings.Repeat("heavy ", heaviest/6)+"*/ console.error('an error of the page'); missing();")
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestWhatIsWrongIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a browser; not with -short")
	}
	views := []view{{"dark", 390}}
	seen := run[looked](t, "walk.mjs", struct {
		tools
		Walks []walk `json:"walks"`
	}{newTools(t, badServer(t)), []walk{{Name: "anybody", Pages: []stop{
		{Name: "bad", Path: "/bad", Views: views}, {Name: "good", Path: "/good", Views: views}, {Name: "gone", Path: "/gone", Views: views},
	}}}})
	if len(seen) != 3 {
		t.Fatalf("%+v", seen)
	}
	bad, good, gone := seen[0], seen[1], seen[2]
	for _, want := range []string{"color-contrast: #pale", "image-alt: img", "scrolls across, 2", "div#wide", "an error of the page", "missing is not defined",
		"content security policy: style-src", "/missing.png 404"} {
		if !strings.Contains(strings.Join(bad.Wrongs, "\n"), want) {
			t.Errorf("not found: %s in\n%s", want, strings.Join(bad.Wrongs, "\n"))
		}
	}
	if bad.Bytes <= heaviest {
		t.Errorf("the page weighs %d bytes", bad.Bytes)
	}
	if len(good.Wrongs) > 0 || good.Bytes == 0 || good.Bytes > 2000 {
		t.Errorf("good: %+v", good)
	}
	if !strings.Contains(strings.Join(gone.Wrongs, "\n"), "answers 404") {
		t.Errorf("gone: %+v", gone)
	}
}
