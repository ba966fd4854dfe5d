package lookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/sms"
)

const mostOctets = 64 << 10 // of an answer

// HTTP is a provider that answers GET with JSON.
type HTTP struct {
	URL     string            // {msisdn} in it becomes the digits of the number
	Header  string            // under which the key is sent; empty: none
	Key     string            // never logged
	Fields  map[string]string // ours → where it stands in the answer, such as "network.mcc"; what is absent: our own name
	Timeout time.Duration

	client http.Client
}

// fieldNames are the members of an answer.
var fieldNames = [...]string{"mcc", "mnc", "numbertype", "ported", "operator", "country"}

// ParseFields reads pairs such as "mcc=network.mcc".
func ParseFields(pairs []string) (map[string]string, error) {
	fields := map[string]string{}
	for _, name := range fieldNames {
		fields[name] = name
	}
	for _, pair := range pairs {
		ours, theirs, ok := strings.Cut(pair, "=")
		if _, known := fields[ours]; !ok || !known || theirs == "" {
			return nil, fmt.Errorf("%q must be one of %v, =, and where it stands in the answer, such as mcc=network.mcc", pair, fieldNames)
		}
		fields[ours] = theirs
	}
	return fields, nil
}

// NewHTTP makes a provider; it follows no redirect, which could lead the key elsewhere.
func NewHTTP(h HTTP) *HTTP {
	h.client = http.Client{Timeout: h.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &h
}

// Lookup asks.
func (h *HTTP) Lookup(ctx context.Context, number sms.Number) (*sms.Portability, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.ReplaceAll(h.URL, "{msisdn}", number.Digits()), nil)
	if err != nil {
		return nil, errors.New("the URL of the provider cannot be")
	}
	request.Header.Set("Accept", "application/json")
	if h.Header != "" {
		request.Header.Set(h.Header, h.Key)
	}
	response, err := h.client.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch {
	case response.StatusCode == http.StatusNotFound:
		return nil, ErrUnknown
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the provider answers %d", response.StatusCode)
	}
	decoder := json.NewDecoder(io.LimitReader(response.Body, mostOctets))
	decoder.UseNumber()
	var answer map[string]any
	if err := decoder.Decode(&answer); err != nil {
		return nil, errors.New("the answer of the provider is no JSON object")
	}
	return h.read(number, answer)
}

// withoutURL is an error of net/http without the URL, which may hold a key.
func withoutURL(err error) error {
	for wrapped := errors.Unwrap(err); wrapped != nil; wrapped = errors.Unwrap(err) {
		err = wrapped
	}
	return err
}

// read picks the members out of an answer. One that has none of them says nothing.
func (h *HTTP) read(number sms.Number, answer map[string]any) (*sms.Portability, error) {
	text := func(name string) string {
		switch v := at(answer, h.Fields[name]).(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
		return ""
	}
	p := &sms.Portability{Number: number, MCC: text("mcc"), MNC: text("mnc"), Kind: text("numbertype"), Operator: text("operator"), Country: text("country")}
	switch v := at(answer, h.Fields["ported"]).(type) {
	case bool:
		p.Ported = &v
	case string:
		if yes := strings.EqualFold(v, "true") || strings.EqualFold(v, "yes"); yes || strings.EqualFold(v, "false") || strings.EqualFold(v, "no") {
			p.Ported = &yes
		}
	}
	if p.MCC+p.MNC+p.Operator == "" {
		return nil, errors.New("the answer of the provider names no network: do lookup.fields fit it?")
	}
	return p, nil
}

// at follows a path such as "network.mcc".
func at(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}
