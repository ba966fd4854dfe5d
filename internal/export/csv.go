package export

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
)

// header is the first row of a file.
var header = []string{"message_id", "customer_message_id", "channel", "sender", "destination", "status", "status_description", "submitted_at",
	"sent_at", "delivered_at", "parts", "price", "campaign_id"}

const timeLayout = "2006-01-02T15:04:05.000Z" // RFC 3339, always UTC

// table writes rows by RFC 4180.
type table struct {
	text   bytes.Buffer
	writer *csv.Writer
}

func newTable() *table {
	t := &table{}
	t.writer = csv.NewWriter(&t.text)
	t.writer.UseCRLF = true
	return t
}

func (t *table) row(cells []string) {
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	_ = t.writer.Write(cells) // a buffer takes everything
}

func (t *table) octets() []byte {
	t.writer.Flush()
	return t.text.Bytes()
}

func cells(m *sms.Message, s status.Status) []string {
	return []string{s.MessageID, s.CustomerMessageID, s.Channel, string(m.Sender), s.Destination, s.DeliveryStatus, s.DeliveryStatusDescription,
		m.ID.Time().Format(timeLayout), moment(s.SendDate), moment(s.DeliveryDate), strconv.Itoa(s.Parts), s.Price.String(), m.Campaign}
}

func moment(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(timeLayout)
}

// harmless quotes what a spreadsheet would take for a formula; a number in E.164 is none.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) || isNumber(cell) {
		return cell
	}
	return "'" + cell
}

func isNumber(cell string) bool {
	digits, plus := strings.CutPrefix(cell, "+")
	if !plus || len(digits) < 3 || len(digits) > 16 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}
