package httpapi

import (
	"net/http"
	"strconv"

	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/sms"
)

// hookBy is the caller as the audit log sees them.
func (c *call) hookBy() outbox.By { return outbox.By{Actor: c.caller.Credential} }

// webhook answers GET /api/partner-gateway/v1/webhooks/delivery-status, never with the secret.
func (d *Door) webhook(c *call) error {
	hook, err := d.parts.Webhooks.Find(c.r.Context(), c.caller.Account)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendWebhook(nil, hook, false))
	return nil
}

// createWebhook answers POST on the same path; the secret is in this answer only.
func (d *Door) createWebhook(c *call) error {
	change, err := decodeWebhook(c)
	if err != nil {
		return err
	}
	hook, err := d.parts.Webhooks.Create(c.r.Context(), c.hookBy(), c.caller.Account, change)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusCreated, appendWebhook(nil, hook, true))
	return nil
}

// replaceWebhook answers PUT on the same path.
func (d *Door) replaceWebhook(c *call) error {
	change, err := decodeWebhook(c)
	if err != nil {
		return err
	}
	hook, err := d.parts.Webhooks.Replace(c.r.Context(), c.hookBy(), c.caller.Account, change)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendWebhook(nil, hook, false))
	return nil
}

// removeWebhook answers DELETE on the same path.
func (d *Door) removeWebhook(c *call) error {
	if err := d.parts.Webhooks.Remove(c.r.Context(), c.hookBy(), c.caller.Account); err != nil {
		return err
	}
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// rotateWebhookSecret answers POST …/secret/rotate: a new secret, and the one before signs too for a while. A body is not
// needed.
func (d *Door) rotateWebhookSecret(c *call) error {
	overlap, err := decodeOverlap(c, outbox.UsualOverlap, outbox.LongestOverlap)
	if err != nil {
		return err
	}
	hook, err := d.parts.Webhooks.Rotate(c.r.Context(), c.hookBy(), c.caller.Account, overlap)
	if err != nil {
		return err
	}
	c.secretAnswer(http.StatusOK, appendWebhook(nil, hook, true))
	return nil
}

func decodeWebhook(c *call) (change outbox.Change, err error) {
	err = decode(c, false, func(b *body, name []byte) error {
		switch string(name) {
		case "callbackUrl":
			return b.stringInto(&change.URL, "callbackUrl")
		case "interimEvents":
			return b.optionalBoolInto(&change.Interim, "interimEvents")
		}
		return b.skip(name)
	})
	return change, err
}

// appendWebhook writes the object of the contract, section 6; with the secret when it was made just now.
func appendWebhook(dst []byte, h *sms.Webhook, secret bool) []byte {
	dst = appendText(append(dst, `{"id":`...), h.ID)
	dst = appendText(append(dst, `,"callbackUrl":`...), h.URL)
	status := "ACTIVE"
	if !outbox.Active(h) {
		status = "DISABLED"
	}
	dst = appendText(append(dst, `,"status":`...), status)
	dst = strconv.AppendBool(append(dst, `,"interimEvents":`...), h.Interim)
	dst = appendTime(append(dst, `,"createdAt":`...), present(h.Created))
	dst = appendTime(append(dst, `,"failingSince":`...), present(h.FailingSince))
	dst = appendTime(append(dst, `,"disabledAt":`...), present(h.DisabledAt))
	dst = appendTime(append(dst, `,"oldSecretUntil":`...), present(h.OldUntil))
	if secret {
		dst = appendText(append(dst, `,"secret":`...), outbox.ShownSecret(h.Secret))
	}
	return append(dst, '}')
}
