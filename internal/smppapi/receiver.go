package smppapi

// Who is the system_id and the address, for people.
func (h *Session) Who() string { return h.caller.Load().Username + " from " + h.address.String() }

// Drop ends the session of a customer who does not take what it was bound for: nothing more would be read from us.
func (h *Session) Drop(why string) {
	h.server.parts.Log.Warn("smpp: session dropped: "+why, "session", h, "unanswered", h.delivering.Load())
	_ = h.wire.Load().Close() // over in any case
}
