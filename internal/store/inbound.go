package store

import "github.com/staffetta/staffetta/internal/sms"

// Inbound stores a message from a handset as it came. done is called with nil after the commit, or with why the
// store does not take it.
func (s *Store) Inbound(in sms.Inbound, done func(error)) {
	s.enqueue(&inboundMember{in, done})
}

type inboundMember struct {
	in   sms.Inbound
	done func(error)
}

func (m *inboundMember) settle(err error) { m.done(err) }
func (m *inboundMember) apply(tx *Tx) error {
	in := m.in
	_, err := tx.Exec(`INSERT INTO inbound (carrier_id, source, destination, esm_class, data_coding, octets, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		int64(in.Carrier), in.Source, in.Destination, int64(in.ESMClass), int64(in.DataCoding), in.Octets, in.At.UnixMilli())
	return err
}
