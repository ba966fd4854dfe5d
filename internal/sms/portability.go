package sms

// Portability is what is known of the network of a number.
type Portability struct {
	Number   Number
	MCC, MNC string // mobile country and network code, ITU-T E.212; empty: unknown
	Kind     string // "mobile", "fixed" …; empty: unknown
	Ported   *bool  // nil: unknown
	Operator string
	Country  string // ISO 3166-1 alpha-2
}
