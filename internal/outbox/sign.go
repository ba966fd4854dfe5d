package outbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const secretPrefix = "whsec_"

// newSecret makes the secret of a webhook: 32 random octets.
func newSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return secret
}

// ShownSecret is a secret as its account gets to see it, once: Standard Webhooks, "Signature scheme".
func ShownSecret(secret []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(secret)
}

// signature is the value of the header webhook-signature: one by each valid secret, divided by a space.
func signature(hook *sms.Webhook, id string, at time.Time, body []byte) string {
	text := sign(hook.Secret, id, at, body)
	if hook.OldSecret != nil && at.Before(hook.OldUntil) {
		text += " " + sign(hook.OldSecret, id, at, body)
	}
	return text
}

func sign(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
