package smppapi

// Charset is what data_coding 0 is to the customer: "latin1", "utf8", or else the GSM alphabet.
func (h *Session) Charset() string { return h.caller.Load().Account.Settings.SMPPCharset }
