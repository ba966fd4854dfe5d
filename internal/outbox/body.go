package outbox

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffetta/staffetta/internal/sms"
)

// delivery is the event of the contract, section 6, in its order.
type delivery struct {
	EventType         string         `json:"eventType"`
	Channel           string         `json:"channel"`
	MessageID         string         `json:"messageId"`
	CustomerMessageID string         `json:"customerMessageId"`
	Destination       string         `json:"destination"`
	Sender            string         `json:"sender"`
	CampaignID        *string        `json:"campaignId"`
	StatusCode        int            `json:"statusCode"`
	StatusDescription string         `json:"statusDescription"`
	Description       string         `json:"description"`
	Status            string         `json:"status"`
	ErrorCode         *string        `json:"errorCode"`
	Price             jsontext.Value `json:"price"`
	NumPart           *int           `json:"numPart"` // null: all parts at once
	TotalParts        int            `json:"totalParts"`
	Timestamp         string         `json:"timestamp"`
	EventDate         string         `json:"eventDate"`
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// The codes of the contract.
const (
	codeUnderway     = 2
	codeDelivered    = 3
	codeNotDelivered = 6
)

// words are the contract's status of a state, its code and a description.
func words(e *sms.Event) (code int, status, description string) {
	switch e.State {
	case sms.Delivered:
		return codeDelivered, "DELIVERED", "Delivered"
	case sms.Expired:
		return codeNotDelivered, "EXPIRED", "Expired"
	case sms.Unknown:
		return codeUnderway, "UNKNOWN", "Unknown"
	case sms.Sent:
		if e.Seen {
			return codeUnderway, "RECEIVED", "Received by the carrier"
		}
		return codeUnderway, "SENT", "Sent"
	}
	return codeNotDelivered, "ERROR", "Not delivered"
}

// DeliveryStatus is what an event says became of its message or part.
func DeliveryStatus(e *sms.Event) string {
	_, status, _ := words(e)
	return status
}

// eventID is the id of an event as its account sees it: the same on every attempt.
func (o *Outbox) eventID(e *sms.Event) string { return EventID(o.ids, e.ID) }

// inbound is the JSON of a message from a handset, contract section 6.
type inbound struct {
	EventType       string `json:"eventType"`
	Channel         string `json:"channel"`
	MessageID       string `json:"messageId"`
	Source          string `json:"source"`
	Destination     string `json:"destination"`
	Text            string `json:"text"`
	MessageType     string `json:"messageType"` // TEXT, or BINARY: then text is hexadecimal digits
	Timestamp       string `json:"timestamp"`
	ReceivedDate    string `json:"receivedDate"`
	TotalParts      int    `json:"totalParts"`
	ReceivedParts   int    `json:"receivedParts"`
	DestinationPort *int   `json:"destinationPort,omitempty"` // of a message to an application
	SourcePort      *int   `json:"sourcePort,omitempty"`
}

func inboundBody(ids *sms.PublicIDs, e *sms.Event) ([]byte, error) {
	m := e.Inbound
	in := inbound{EventType: "INBOUND", Channel: "SMS", MessageID: ids.Format(m.ID), Source: m.Source, Destination: m.Destination,
		Text: m.Text, MessageType: "TEXT", Timestamp: e.ID.Time().UTC().Format(timeLayout), ReceivedDate: m.At.UTC().Format(timeLayout),
		TotalParts: m.Parts, ReceivedParts: m.Came}
	if m.Encoding == sms.Octets {
		in.MessageType = "BINARY"
	}
	if m.Ports != sms.NoPorts {
		destination, source := m.Ports>>16, m.Ports&0xffff
		in.DestinationPort, in.SourcePort = &destination, &source
	}
	return json.Marshal(in, jsontext.AllowInvalidUTF8(true))
}

// body writes an event; it is the same on every attempt.
func (o *Outbox) body(e *sms.Event) ([]byte, error) { return bodyOf(o.ids, e) }

func bodyOf(ids *sms.PublicIDs, e *sms.Event) ([]byte, error) {
	if e.Kind == sms.InboundEvent {
		return inboundBody(ids, e)
	}
	m := e.Message
	d := delivery{EventType: "DELIVERY", Channel: "SMS", MessageID: ids.Format(m.ID), CustomerMessageID: m.CallerID,
		Destination: m.Destination.String(), Sender: string(m.Sender), Price: jsontext.Value(e.Price.String()), TotalParts: m.Parts,
		Timestamp: e.ID.Time().UTC().Format(timeLayout), EventDate: e.At.UTC().Format(timeLayout)}
	if m.CallerID == "" {
		d.CustomerMessageID = d.MessageID
	}
	if m.Campaign != "" {
		d.CampaignID = &m.Campaign
	}
	if number := e.Part + 1; e.Part != sms.WholeMessage {
		d.NumPart = &number
	}
	d.StatusCode, d.Status, d.StatusDescription = words(e)
	d.Description = d.StatusDescription
	if e.Reason != "" {
		d.Description = e.Reason
	}
	if e.Code != "" && d.StatusCode == codeNotDelivered {
		d.ErrorCode = &e.Code
		if e.Reason == "" && strings.Trim(e.Code, "0") != "" {
			d.Description += " (carrier code " + e.Code + ")"
		}
	}
	return json.Marshal(d, jsontext.AllowInvalidUTF8(true))
}
