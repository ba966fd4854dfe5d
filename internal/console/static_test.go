package console

import (
	"net/http"
	"strings"
	"testing"
)

// TestAssetsAreSmallAndKept: all that every page loads leaves room for the page within 150 KB, and is fetched once.
func TestAssetsAreSmallAndKept(t *testing.T) {
	all, urls, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	packed := 0
	for name, a := range all {
		packed += len(a.packed)
		t.Logf("%s: %d octets, %d packed", name, len(a.plain), len(a.packed))
	}
	if packed > 75_000 {
		t.Errorf("%d octets for every page", packed)
	}
	w := open(t, nil)
	for _, url := range []string{urls.Style, urls.Icon, urls.Scripts["console.js"], urls.Scripts["htmx.min.js"]} {
		got := w.stranger().get(url, "Accept-Encoding", "gzip")
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", url, got.StatusCode, got.Header)
		}
	}
	if got := w.stranger().get("/static/../console.go"); got.StatusCode == http.StatusOK {
		t.Error("a file that is not embedded is served")
	}
}
