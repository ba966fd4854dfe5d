package sms

// Bill is what a change does to the credit of an account: Charged is paid out of what was reserved, Released is
// given back.
type Bill struct{ Charged, Released Money }

// Add sums two bills.
func (b Bill) Add(other Bill) Bill {
	return Bill{b.Charged + other.Charged, b.Released + other.Released}
}

// Settle says what becomes of the price of a part that changes from one state to another. Ordinarily a part is
// charged when the carrier takes it; with ChargeFinal, when it is delivered. A part of which nobody knows whether it
// left (Unknown) is settled like one the carrier took: charged ordinarily, given back with ChargeFinal.
func (m *Message) Settle(from, to State) Bill {
	reserved := !from.Settled() || (from == Sent && m.ChargeFinal)
	if !reserved || from == to {
		return Bill{}
	}
	switch to {
	case Sent, Unknown:
		if !m.ChargeFinal {
			return Bill{Charged: m.PartPrice}
		}
		if to == Unknown {
			return Bill{Released: m.PartPrice}
		}
	case Delivered:
		return Bill{Charged: m.PartPrice}
	case Failed, Expired, Cancelled:
		return Bill{Released: m.PartPrice}
	}
	return Bill{}
}

// PriceOf is what a part costs where it stands: what is charged, or still reserved.
func (m *Message) PriceOf(p Part) Money {
	switch p.State {
	case Queued, Sending, Sent:
		return m.PartPrice
	case Delivered:
		if !m.ChargeFinal || !p.Waived {
			return m.PartPrice
		}
	case Failed, Expired:
		if !m.ChargeFinal && p.Ref != "" { // the carrier took it, and did not deliver it
			return m.PartPrice
		}
	case Unknown:
		if !m.ChargeFinal {
			return m.PartPrice
		}
	}
	return 0
}
