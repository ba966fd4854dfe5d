package templates

import (
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

// InboundView is the list of messages from handsets.
type InboundView struct {
	Number, Text string // what is looked for
	Errors       Errors
	Rows         []sms.InboundMessage
	Newer, Older string // paths
	Looked       time.Time
	Forward      bool
}

func (v InboundView) newer() string { return unless(!v.Looked.IsZero() && v.Forward, v.Newer) }
func (v InboundView) older() string { return unless(!v.Looked.IsZero() && !v.Forward, v.Older) }

func (v InboundView) further() string {
	if v.Forward {
		return v.Newer
	}
	return v.Older
}

func (v InboundView) searched() bool {
	return v.Number+v.Text != "" || v.Newer != "" || !v.Looked.IsZero()
}

// kind says what a text is when it is none to read; empty: it is.
func inboundKind(f *Frame, m sms.InboundMessage) string {
	switch {
	case m.Came < m.Parts:
		return f.T("%[1]d of %[2]d parts came", m.Came, m.Parts)
	case m.Encoding == sms.Octets:
		return f.T("8 bit, in hexadecimal")
	}
	return ""
}
