package smpp_test

import (
	"context"
	"net"
	"testing"

	"github.com/staffetta/staffetta/smpp"
)

// TestEnded: who counts sessions by Authenticate is told of the end of each, also of one whose bind could not be answered.
func TestEnded(t *testing.T) {
	bind, err := smpp.AppendPDU(nil, smpp.ESME_ROK, 1, &smpp.Bind{SystemID: "user", Password: "right"})
	if err != nil {
		t.Fatal(err)
	}
	refused, err := smpp.AppendPDU(nil, smpp.ESME_ROK, 1, &smpp.Bind{SystemID: "user", Password: "wr0ng"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bind        []byte
		reads       bool // the answer
		admitted    int
		bound, ends int
	}{
		"bound":         {bind, true, 1, 1, 1},
		"gone too soon": {bind, false, 1, 0, 1},
		"refused":       {refused, true, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var admitted, bound, ends int
			v := &smpp.Server{
				Authenticate: func(ctx context.Context, b smpp.BindRequest) (smpp.Handler, smpp.CommandStatus) {
					h, status := oneUser(ctx, b)
					if status == smpp.ESME_ROK {
						admitted++
					}
					return h, status
				},
				Bound: func(*smpp.Session, smpp.Handler) { bound++ },
				Ended: func(smpp.Handler) { ends++ },
			}
			near, far := net.Pipe()
			served := make(chan struct{})
			go func() {
				defer close(served)
				v.ServeConn(t.Context(), far)
			}()
			if _, err := near.Write(c.bind); err != nil {
				t.Fatal(err)
			}
			if c.reads {
				if _, err := near.Read(make([]byte, 64)); err != nil {
					t.Fatal(err)
				}
			}
			_ = near.Close()
			<-served
			if admitted != c.admitted || bound != c.bound || ends != c.ends {
				t.Errorf("admitted %d, bound %d, ended %d; want %d, %d, %d", admitted, bound, ends, c.admitted, c.bound, c.ends)
			}
		})
	}
}
