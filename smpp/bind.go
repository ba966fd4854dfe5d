package smpp

// BindType is which of the three binds: the command_id of its request.
type BindType CommandID

// The binds. SMPP 3.4 §4.1.
const (
	Receiver    = BindType(CommandBindReceiver)
	Transmitter = BindType(CommandBindTransmitter)
	Transceiver = BindType(CommandBindTransceiver)
)

// String returns receiver, transmitter or transceiver.
func (t BindType) String() string {
	switch t {
	case Receiver:
		return "receiver"
	case Transmitter:
		return "transmitter"
	case Transceiver:
		return "transceiver"
	}
	return CommandID(t).String()
}

// Bind is bind_transmitter, bind_receiver or bind_transceiver: three PDUs of one
// form. SMPP 3.4 §4.1.1, §4.1.3, §4.1.5. The zero Type stands for transceiver.
type Bind struct {
	Type             BindType
	SystemID         string
	Password         string
	SystemType       string
	InterfaceVersion uint8
	AddrTON          uint8
	AddrNPI          uint8
	AddressRange     string
	TLVs             TLVs
}

// CommandID implements PDU.
func (p *Bind) CommandID() CommandID {
	if p.Type == 0 {
		return CommandBindTransceiver
	}
	return CommandID(p.Type)
}

// AppendBody implements PDU.
func (p *Bind) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: p.CommandID()}
	e.cstring(&fieldSystemID, p.SystemID)
	e.cstring(&fieldPassword, p.Password)
	e.cstring(&fieldSystemType, p.SystemType)
	e.b = append(e.b, p.InterfaceVersion, p.AddrTON, p.AddrNPI)
	e.cstring(&fieldAddressRange, p.AddressRange)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *Bind) DecodeBody(h Header, body []byte) error {
	d := newDecoder(h, body)
	p.Type = BindType(h.ID)
	p.SystemID = d.cstring(&fieldSystemID)
	p.Password = d.cstring(&fieldPassword)
	p.SystemType = d.cstring(&fieldSystemType)
	p.InterfaceVersion = d.uint8(&fieldInterfaceVersion)
	p.AddrTON = d.uint8(&fieldAddrTON)
	p.AddrNPI = d.uint8(&fieldAddrNPI)
	p.AddressRange = d.cstring(&fieldAddressRange)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}

// BindResp answers a bind of the same Type. SMPP 3.4 §4.1.2, §4.1.4, §4.1.6. An
// empty body is taken, also with ESME_ROK: nothing depends on what it would say.
type BindResp struct {
	Type     BindType
	SystemID string
	// TLVs may hold sc_interface_version.
	TLVs TLVs
}

// CommandID implements PDU.
func (p *BindResp) CommandID() CommandID {
	if p.Type == 0 {
		return CommandBindTransceiverResp
	}
	return CommandID(p.Type).Response()
}

// AppendBody implements PDU.
func (p *BindResp) AppendBody(dst []byte) ([]byte, error) {
	e := encoder{b: dst, cmd: p.CommandID()}
	e.cstring(&fieldSystemID, p.SystemID)
	e.tlvs(p.TLVs)
	return e.finish()
}

// DecodeBody implements PDU.
func (p *BindResp) DecodeBody(h Header, body []byte) error {
	if len(body) == 0 {
		*p = BindResp{Type: BindType(h.ID &^ responseBit), TLVs: p.TLVs[:0]}
		return nil
	}
	d := newDecoder(h, body)
	p.Type = BindType(h.ID &^ responseBit)
	p.SystemID = d.cstring(&fieldSystemID)
	p.TLVs = d.tlvs(p.TLVs)
	return d.finish()
}
