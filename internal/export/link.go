package export

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// linkLife is how long a link works.
const linkLife = 15 * time.Minute

// links makes links and knows its own: who has one needs no credentials, so that it must not be written down anywhere.
type links struct{ key []byte }

func newLinks(secret []byte) links {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("export link"))
	return links{mac.Sum(nil)}
}

func (l links) make(id string, now time.Time) (path string, expires time.Time) {
	expires = now.Add(linkLife).UTC().Truncate(time.Second)
	until := strconv.FormatInt(expires.Unix(), 10)
	query := url.Values{"expires": {until}, "signature": {signature(l.sign(id, until))}}
	return "/api/partner-gateway/v1/exports/" + id + "/download?" + query.Encode(), expires
}

func signature(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum) }

func (l links) sign(id, until string) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(id + "\x00" + until))
	return mac.Sum(nil)
}

var errLink = sms.Errorf(sms.Forbidden, "this link is not valid, or not any more; ask for another with GET on the export")

// check holds a link against the clock and the key.
func (l links) check(id, until, signed string, now time.Time) error {
	given, err := base64.RawURLEncoding.DecodeString(signed)
	if err != nil || !hmac.Equal(given, l.sign(id, until)) {
		return errLink
	}
	seconds, err := strconv.ParseInt(until, 10, 64)
	if err != nil || now.Unix() >= seconds {
		return errLink
	}
	return nil
}
