package smpp

// State is the state of a session. SMPP 3.4 §2.2.
type State uint8

// The states. A connection that is not bound yet is no Session, so StateOpen is
// seen only by a Session's zero value.
const (
	StateOpen State = iota
	StateBoundTX
	StateBoundRX
	StateBoundTRX
	// StateUnbinding: nothing new begins, what was begun may finish.
	StateUnbinding
	StateClosed
)

// String returns the state in the spelling of the specification.
func (s State) String() string {
	switch s {
	case StateOpen:
		return "OPEN"
	case StateBoundTX:
		return "BOUND_TX"
	case StateBoundRX:
		return "BOUND_RX"
	case StateBoundTRX:
		return "BOUND_TRX"
	case StateUnbinding:
		return "UNBINDING"
	}
	return "CLOSED"
}

func boundState(t BindType) State {
	switch t {
	case Transmitter:
		return StateBoundTX
	case Receiver:
		return StateBoundRX
	}
	return StateBoundTRX
}

// permits reports whether a request may travel in the state. fromESME is the
// direction. SMPP 3.4 §2.3, table 2-1.
func (s State) permits(id CommandID, fromESME bool) bool {
	transmit := s == StateBoundTX || s == StateBoundTRX
	receive := s == StateBoundRX || s == StateBoundTRX
	switch id {
	case CommandSubmitSM, CommandSubmitMulti, CommandQuerySM, CommandCancelSM, CommandReplaceSM:
		return fromESME && transmit
	case CommandDataSM:
		return fromESME && transmit || !fromESME && receive
	case CommandDeliverSM, CommandAlertNotification:
		return !fromESME && receive
	case CommandEnquireLink, CommandUnbind:
		return true
	}
	return false
}
