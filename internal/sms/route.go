package sms

// RouteID is the key of a route. Zero is none.
type RouteID int64

// Route says that messages of a kind go by a carrier. What is empty or zero fits every message.
type Route struct {
	ID       RouteID
	Prefix   string // how the destination begins: digits, country code first
	Country  string // of the destination: ISO 3166-1 alpha-2
	Sender   Sender
	Account  AccountID
	Carrier  CarrierID
	Priority int   // among routes that fit equally well, a lower number goes first
	Weight   int   // among those of one priority, the share of the destinations; at least 1
	Cost     Money // what a part costs us, for accounts that go by cost
}
