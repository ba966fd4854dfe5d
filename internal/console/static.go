package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/console/templates"
)

//go:embed static
var embedded embed.FS

// asset is one file as browsers get it. Its name carries a digest of its content, so that it may be kept for ever.
type asset struct {
	kind   string
	plain  []byte
	packed []byte // gzip
}

type assets map[string]asset // by name in the URL

// loadAssets reads what is embedded. The style sheets become one: pico.css, base.css, then the pages'.
func loadAssets() (assets, templates.Assets, error) {
	names, err := fs.Glob(embedded, "static/*")
	if err != nil {
		return nil, templates.Assets{}, err
	}
	slices.SortFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	all := assets{}
	var style bytes.Buffer
	urls := templates.Assets{Scripts: map[string]string{}}
	for _, name := range names {
		content, err := embedded.ReadFile(name)
		if err != nil {
			return nil, urls, err
		}
		switch path.Ext(name) {
		case ".css":
			style.Write(content)
			style.WriteByte('\n')
		case ".js":
			base := path.Base(name)
			urls.Scripts[base] = all.add(base, "text/javascript; charset=utf-8", content)
		case ".svg":
			urls.Icon = all.add(path.Base(name), "image/svg+xml", content)
		}
	}
	urls.Style = all.add("console.css", "text/css; charset=utf-8", style.Bytes())
	return all, urls, nil
}

// rank puts what others build on first.
func rank(name string) int {
	if at := slices.Index([]string{"pico.css", "base.css"}, path.Base(name)); at >= 0 {
		return at
	}
	return 2
}

func (a assets) add(name, kind string, content []byte) (url string) {
	digest := sha256.Sum256(content)
	ending := path.Ext(name)
	name = strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(digest[:6]) + ending
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level exists
	_, _ = w.Write(content)                                    // to memory
	_ = w.Close()
	a[name] = asset{kind, content, packed.Bytes()}
	return "/static/" + name
}

func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := a[strings.TrimPrefix(r.URL.Path, "/static/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", found.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	content := found.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = found.packed
	}
	_, _ = w.Write(content) // a browser that went away needs no answer
}
