package admin

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/staffetta/staffetta/internal/sms"
)

// Operation is one thing that an operator can do: In says what, Out is the answer.
type Operation[In, Out any] struct {
	name string
	run  func(*Service, call, In) (Out, error)
}

// Do asks for the operation, wherever it is done. Errors are *sms.Error, or say why nobody could be asked.
func (o Operation[In, Out]) Do(ctx context.Context, connection Connection, in In) (out Out, err error) {
	request, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	answer, err := connection.do(ctx, o.name, request)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(answer, &out)
}

// Connection is a way to where operations are done.
type Connection interface {
	do(ctx context.Context, operation string, request []byte) (answer []byte, err error)
	// Running reports whether a server is at the other end.
	Running() bool
	Close() error
}

// served is an operation without its types.
type served interface {
	title() string
	serve(s *Service, c call, request []byte) ([]byte, error)
}

func (o Operation[In, Out]) title() string { return o.name }

func (o Operation[In, Out]) serve(s *Service, c call, request []byte) ([]byte, error) {
	var in In
	decoder := json.NewDecoder(bytes.NewReader(request))
	decoder.DisallowUnknownFields() // a member that an older server does not know must not be lost in silence
	if err := decoder.Decode(&in); err != nil {
		return nil, &sms.Error{Code: sms.Invalid, Message: "the running server does not understand this request: " +
			"is it another version than this command?", Cause: err}
	}
	out, err := o.run(s, c, in)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

// perform does an operation by its name.
func (s *Service) perform(ctx context.Context, actor, operation string, request []byte) ([]byte, error) {
	for _, o := range operations {
		if o.title() == operation {
			return o.serve(s, call{ctx, actor}, request)
		}
	}
	return nil, sms.Errorf(sms.NotFound, "the running server, version %s, cannot do %q: restart it with the version of this command",
		s.Version, operation)
}

// Nothing is the request or answer that says nothing.
type Nothing struct{}

// Named is a request about an account.
type Named struct {
	Account string `json:"account"`
}
