package people

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rsc.io/qr"
)

// Of RFC 6238 the parameters that every authenticator knows: SHA-1, 6 digits, 30 seconds, from 1970.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpSecret = 20 // octets, RFC 4226 §4
	totpDrift  = 1  // steps that a clock may be wrong
)

func newTOTPSecret() []byte {
	secret := make([]byte, totpSecret)
	_, _ = rand.Read(secret) // never fails
	return secret
}

func stepAt(at time.Time) int64 { return at.Unix() / int64(totpStep/time.Second) }

// totpCode is the code of a step, RFC 4226 §5.3.
func totpCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%0*d", totpDigits, binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// totpMatch finds the step whose code it is, of those around a moment; false: of none.
func totpMatch(secret []byte, code string, at time.Time) (step int64, ok bool) {
	for step := stepAt(at) - totpDrift; step <= stepAt(at)+totpDrift; step++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, step)), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

var base32Code = base32.StdEncoding.WithPadding(base32.NoPadding)

// enrolment is how an authenticator learns a secret.
func enrolment(secret []byte, email string) (Enrolment, error) {
	text := base32Code.EncodeToString(secret)
	query := url.Values{"secret": {text}, "issuer": {"Staffetta"}}
	uri := "otpauth://totp/" + url.PathEscape("Staffetta:"+email) + "?" + query.Encode()
	code, err := qr.Encode(uri, qr.M)
	if err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: text, URI: uri, QR: "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(drawn(code)))}, nil
}

// drawn is a QR code as SVG, with the quiet zone of four modules that ISO/IEC 18004 asks for.
func drawn(code *qr.Code) string {
	const quiet = 4
	size := code.Size + 2*quiet
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`, size, path.String())
}

// How many recovery codes there are, and of how many random octets each is.
const (
	recoveryCodes  = 10
	recoveryOctets = 10
)

// newRecoveryCodes are such as abcd-efgh-ijkl-mnop.
func newRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		random := make([]byte, recoveryOctets)
		_, _ = rand.Read(random) // never fails
		text := strings.ToLower(base32Code.EncodeToString(random))
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	}
	return codes
}

// plainCode is a code without what people put between its characters.
func plainCode(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(text)))
}
