package store

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// The columns that hold JSON. Their member names are stored and never change their meaning.

type settingsColumn struct {
	Uncertain     string `json:"uncertain"`
	MaxParts      int    `json:"max_parts"`
	Transliterate bool   `json:"transliterate"`
	Charge        string `json:"charge"`
	Routing       string `json:"routing,omitempty"`
	Overdue       string `json:"overdue,omitempty"`      // absent: unknown
	Retention     int64  `json:"retention,omitempty"`    // seconds; absent: the default
	RedactAfter   int64  `json:"redact_after,omitempty"` // seconds

	MaxBinds       int    `json:"max_binds,omitempty"`
	SMPPThroughput int    `json:"smpp_throughput,omitempty"` // segments a second
	SMPPWindow     int    `json:"smpp_window,omitempty"`
	SMPPDeliver    int    `json:"smpp_deliver,omitempty"`
	SMPPCharset    string `json:"smpp_charset,omitempty"`

	Inbound string `json:"inbound,omitempty"`
}

func encodeSettings(s sms.Settings) string {
	return encode(settingsColumn{Uncertain: s.Uncertain, MaxParts: s.MaxParts, Transliterate: s.Transliterate, Charge: s.Charge, Routing: s.Routing, Overdue: s.Overdue,
		Retention: int64(s.Retention / time.Second), RedactAfter: int64(s.RedactAfter / time.Second),
		MaxBinds: s.MaxBinds, SMPPThroughput: s.SMPPThroughput, SMPPWindow: s.SMPPWindow, SMPPDeliver: s.SMPPDeliver,
		SMPPCharset: s.SMPPCharset, Inbound: s.Inbound})
}

func decodeSettings(text string, s *sms.Settings) error {
	var column settingsColumn
	if err := json.Unmarshal([]byte(text), &column); err != nil {
		return fmt.Errorf("stored settings: %w", err)
	}
	*s = sms.Settings{Uncertain: column.Uncertain, MaxParts: column.MaxParts, Transliterate: column.Transliterate, Charge: column.Charge, Routing: column.Routing, Overdue: column.Overdue,
		Retention: time.Duration(column.Retention) * time.Second, RedactAfter: time.Duration(column.RedactAfter) * time.Second,
		MaxBinds: column.MaxBinds, SMPPThroughput: column.SMPPThroughput, SMPPWindow: column.SMPPWindow, SMPPDeliver: column.SMPPDeliver,
		SMPPCharset: column.SMPPCharset, Inbound: column.Inbound}
	if s.Retention == 0 {
		s.Retention = sms.DefaultRetention
	}
	return nil
}

type allowColumn struct {
	CIDR netip.Prefix `json:"cidr"`
	Note string       `json:"note,omitempty"`
}

func encodeAllowList(list sms.AllowList) string {
	column := make([]allowColumn, len(list.Entries))
	for i, e := range list.Entries {
		column[i] = allowColumn{e.Prefix, e.Note}
	}
	return encode(column)
}

func decodeAllowList(text string, list *sms.AllowList) error {
	var column []allowColumn
	if err := json.Unmarshal([]byte(text), &column); err != nil {
		return fmt.Errorf("stored allow-list: %w", err)
	}
	list.Entries = nil
	for _, c := range column {
		list.Entries = append(list.Entries, sms.AllowEntry{Prefix: c.CIDR, Note: c.Note})
	}
	return nil
}

func encodeOperations(operations []sms.Operation) string {
	if operations == nil {
		operations = []sms.Operation{}
	}
	return encode(operations)
}

func decodeOperations(text string, operations *[]sms.Operation) error {
	if err := json.Unmarshal([]byte(text), operations); err != nil {
		return fmt.Errorf("stored operations: %w", err)
	}
	return nil
}

// encode writes values that always have a JSON form.
func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("store: a column without a JSON form: " + err.Error())
	}
	return string(text)
}
