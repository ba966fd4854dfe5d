package sms

import "time"

// ExportStage is how far an export has come. The numbers are stored.
type ExportStage uint8

// The stages.
const (
	ExportPending ExportStage = iota
	ExportCompleted
	ExportFailed
	ExportExpired // the file is gone
)

// Export is messages of an account as a file.
type Export struct {
	ID          ID
	Account     AccountID
	First, Last ID        // of the messages, both included
	End         time.Time // as it was asked for; Last is not later than the export
	Sender      Sender    // empty: any
	Recipient   Number    // zero: any
	Status      string    // of the contract; empty: any
	Stage       ExportStage
	Next        ID        // the first message that is not looked at yet
	Rows        int64     // so far, without the header
	Octets      int64     // of the file, so far
	Made        time.Time // when it was asked for, the last time
	Ended       time.Time // zero: it has not
}

// ExportPiece is what one step adds to the file of an export.
type ExportPiece struct {
	Next   ID // the first message that the next step looks at
	Rows   int64
	Size   int64  // octets of the file
	Packed []byte // the same as gzip; nil: nothing
	Last   bool   // the file is complete
}
