package smppapi

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/smpp"
)

// Session is one bind of a customer. Safe for concurrent use.
type Session struct {
	server  *Server
	account *account
	kind    smpp.BindType
	address netip.Addr
	since   time.Time
	caller  atomic.Pointer[auth.Caller]
	wire    atomic.Pointer[smpp.Session] // nil until the bind is answered
	ending  atomic.Bool

	open       atomic.Int32 // requests without an answer
	delivering atomic.Int32 // deliver_sm without an answer
	accepted   atomic.Uint64
	refused    atomic.Uint64
	delivered  atomic.Uint64

	mu   sync.Mutex
	told map[smpp.CommandStatus]bool // refusals that were logged
}

// LogValue says who it is.
func (h *Session) LogValue() slog.Value {
	c := h.caller.Load()
	return slog.GroupValue(slog.String("account", c.Account.Name), slog.String("system_id", c.Username),
		slog.String("bind", h.kind.String()), slog.String("address", h.address.String()))
}

func (h *Session) receives() bool { return h.kind != smpp.Transmitter }

func (h *Session) state() State {
	c := h.caller.Load()
	return State{Account: c.Account.ID, Name: c.Account.Name, User: c.Username, Bind: h.kind, Address: h.address.String(),
		Since: h.since, Submitted: h.accepted.Load(), Refused: h.refused.Load(), Delivered: h.delivered.Load(),
		Open: int(h.open.Load()), InFlight: int(h.delivering.Load())}
}

// Window is how many deliver_sm may be without an answer.
func (h *Session) Window() int { return h.caller.Load().Account.Settings.Deliver() }

// Done is closed when the session takes no more deliver_sm.
func (h *Session) Done() <-chan struct{} { return h.wire.Load().Done() }

// Who is the system_id and the address.
func (h *Session) Who() string { return h.caller.Load().Username + " from " + h.address.String() }

// Drop ends the session at once, without unbind: for a customer who does not answer.
func (h *Session) Drop(why string) {
	h.server.parts.Log.Warn("smpp: session dropped", "session", h, "reason", why)
	_ = h.wire.Load().Close() // over in any case
}

// Deliver sends deliver_sm without waiting; p may be used again afterwards. The error is smpp.ErrWindowFull when as many
// are without an answer as the account wants, or a *smpp.RequestError; then done is not called. Else it is called once,
// with the answer or why there is none, and must not block.
func (h *Session) Deliver(p *smpp.DeliverSM, done func(smpp.Response)) error {
	if int(h.delivering.Add(1)) > h.Window() {
		h.delivering.Add(-1)
		return smpp.ErrWindowFull
	}
	err := h.wire.Load().TryBegin(p, func(r smpp.Response) {
		h.delivering.Add(-1)
		if r.Err == nil && r.Status == smpp.ESME_ROK {
			h.delivered.Add(1)
		}
		done(r)
	})
	if err != nil {
		h.delivering.Add(-1)
	}
	return err
}

// Handle takes one request of the customer; they come one after the other. It does not wait for what they ask for.
func (h *Session) Handle(ctx context.Context, r *smpp.Request) {
	if int(h.open.Add(1)) > h.caller.Load().Account.Settings.Window() {
		h.refuse(r, smpp.ESME_RTHROTTLED)
		return
	}
	switch p := r.PDU.(type) {
	case *smpp.SubmitSM:
		h.submit(r, p)
	case *smpp.DataSM:
		h.submit(r, ofDataSM(p))
	case *smpp.SubmitMulti:
		h.submitMulti(r, p)
	case *smpp.QuerySM:
		h.aside(ctx, r, func(ctx context.Context) (smpp.CommandStatus, smpp.PDU) { return h.query(ctx, p) })
	case *smpp.CancelSM:
		h.aside(ctx, r, func(ctx context.Context) (smpp.CommandStatus, smpp.PDU) { return h.cancel(ctx, p), nil })
	case *smpp.ReplaceSM:
		h.aside(ctx, r, func(ctx context.Context) (smpp.CommandStatus, smpp.PDU) { return h.replace(ctx, p), nil })
	default:
		h.refuse(r, smpp.ESME_RINVCMDID)
	}
}

// aside does what has to wait for the database while the session goes on. The window bounds how much there is of it.
func (h *Session) aside(ctx context.Context, r *smpp.Request, do func(context.Context) (smpp.CommandStatus, smpp.PDU)) {
	h.server.work.Go(func() {
		status, body := do(ctx)
		if status != smpp.ESME_ROK {
			h.refuse(r, status)
			return
		}
		h.reply(r, status, body)
	})
}

// reply answers a request. A session that is over needs no answer: who gets none asks again.
func (h *Session) reply(r *smpp.Request, status smpp.CommandStatus, body smpp.PDU) {
	h.open.Add(-1)
	h.server.Counters.answer(r.Header.ID, status)
	err := r.Reply(status, body)
	if _, unwritable := errors.AsType[*smpp.EncodeError](err); unwritable { // else the customer would wait for ever
		h.server.parts.Log.Error("smpp: own answer", "session", h, "command_id", r.Header.ID.String(), "error", err)
		_ = r.Reply(smpp.ESME_RSYSERR, nil)
	}
}

// refuse answers with an error. The first of each kind is logged, the others are counted.
func (h *Session) refuse(r *smpp.Request, status smpp.CommandStatus) {
	h.refused.Add(1)
	h.reply(r, status, nil)
	h.mu.Lock()
	known := h.told[status]
	if !known {
		if h.told == nil {
			h.told = map[smpp.CommandStatus]bool{}
		}
		h.told[status] = true
	}
	h.mu.Unlock()
	if !known {
		h.server.parts.Log.Info("smpp: request refused; further ones of this session are only counted", "session", h,
			"command_id", r.Header.ID.String(), "command_status", status.String())
	}
}
