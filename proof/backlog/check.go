package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/staffetta/staffetta/proof/checker"
	"github.com/staffetta/staffetta/proof/load"
	"github.com/staffetta/staffetta/proof/marker"
	"github.com/staffetta/staffetta/proof/sink"
)

// Each tenth message is valid for a minute only, the shortest time that there is.
const (
	shortEvery    = 10
	shortValidity = time.Minute
)

func isShort(n uint64) bool { return n%shortEvery == 0 }

func (b *proof) shortLived() int { return (b.messages + shortEvery - 1) / shortEvery }

// target is the door for sending; begun hears of each message as it is written.
func target(addr, apiKey string, begun func(n uint64)) load.Target {
	ordinary := load.Staffetta(addr, apiKey, true)
	body := func(n uint64) []byte {
		dst := fmt.Appendf(nil, `{"destination":"+%d","sender":"Staffetta","body":"`, marker.Destination(n))
		dst = append(marker.AppendText(dst, n), `","messageId":"`...)
		return fmt.Appendf(marker.AppendID(dst, n), `","validityPeriod":%d}`, int(shortValidity/time.Second))
	}
	head := "POST /api/message-server/sms/send HTTP/1.1\r\nHost: " + addr + "\r\nX-Api-Key: " + apiKey +
		"\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body(0))) + "\r\n\r\n"
	request := func(dst []byte, n uint64) []byte {
		begun(n)
		if !isShort(n) {
			return ordinary.Request(dst, n)
		}
		return append(append(dst, head...), body(n)...)
	}
	return load.Target{Addr: addr, Request: request, Accepted: ordinary.Accepted}
}

// expirePatience is how long after the end of their validity the last messages may still be shown as waiting.
const expirePatience = 90 * time.Second

// expire waits until those that were valid for a minute are EXPIRED, while no carrier is there.
func (b *proof) expire(ctx context.Context) error {
	deadline := time.Now().Add(shortValidity + expirePatience)
	for i := range b.accounts {
		for {
			found, err := b.states(ctx, i)
			if err != nil {
				return err
			}
			if found["EXPIRED"] == found["short"] && found["others"] == 0 {
				b.figures.expired += found["short"]
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("%s: after its validity, and %v: %v", b.accounts[i].Name, expirePatience, found)
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
		}
	}
	return nil
}

// states counts what the server says of an account's short-lived messages, and of a few others that do not expire.
func (b *proof) states(ctx context.Context, account int) (map[string]int, error) {
	var ids []string
	found := map[string]int{}
	for n := b.first(account); n < b.first(account+1); n++ {
		if isShort(n) {
			found["short"]++
		}
		if isShort(n) || n%(10*shortEvery) == 1 {
			ids = append(ids, marker.ID(n))
		}
	}
	messages, err := b.server.Messages(ctx, b.accounts[account].APIKey, ids)
	for _, m := range messages {
		n, _ := marker.Parse([]byte(m.ID))
		switch {
		case isShort(n):
			found[m.Status]++
		case m.Status != "SENT" || m.SendDate != nil: // they wait
			found["others"]++
		}
	}
	return found, err
}

// compare holds the carrier's journal against what was accepted: once each, in order within each account, and nothing
// that had expired.
func (b *proof) compare(entries []sink.Entry) error {
	c := checker.Case{Next: uint64(b.messages), Carrier: entries}
	for _, r := range b.results {
		for _, n := range r.Accepted {
			if !isShort(n) {
				c.Accepted = append(c.Accepted, n)
			}
		}
	}
	finding := checker.Check(c)
	b.figures.left = finding.AtCarrier
	errs := []error{finding.Err()}
	if finding.Unasked > 0 {
		errs = append(errs, fmt.Errorf("%d messages were sent although they had expired", finding.Unasked))
	}
	if finding.Twice > 0 {
		errs = append(errs, fmt.Errorf("%d messages were sent twice", finding.Twice))
	}
	return errors.Join(append(errs, b.inOrder(entries))...)
}

func (b *proof) inOrder(entries []sink.Entry) error {
	last := make([]uint64, len(b.accounts))
	for _, e := range entries {
		if e.Number >= uint64(b.messages) {
			continue // checker has told
		}
		account := 0
		for e.Number >= b.first(account+1) {
			account++
		}
		if e.Number < last[account] {
			return fmt.Errorf("%s: message %d left after message %d", b.accounts[account].Name, e.Number, last[account])
		}
		last[account] = e.Number
	}
	return nil
}

// settled waits until nothing is reserved any more.
func (b *proof) settled(ctx context.Context) error {
	deadline := time.Now().Add(10 * time.Second)
	for _, account := range b.accounts {
		for {
			balance, err := b.server.Balance(ctx, account.Name)
			if err == nil && balance.Reserved == 0 {
				break
			}
			if err != nil || time.Now().After(deadline) {
				return errors.Join(err, fmt.Errorf("%s: %s € are reserved although everything has left", account.Name, balance.Reserved))
			}
			<-time.After(50 * time.Millisecond)
		}
	}
	return nil
}

// check compares the credit of each account: what left is paid once, what expired is not.
func (b *proof) check(ctx context.Context) error {
	for i, account := range b.accounts {
		balance, err := b.server.Balance(ctx, account.Name)
		if err != nil {
			return err
		}
		paid := 0
		for _, n := range b.results[i].Accepted {
			if !isShort(n) {
				paid++
			}
		}
		if err := checker.Credit(opening, balance, paid, price); err != nil {
			return fmt.Errorf("%s: %w", account.Name, err)
		}
	}
	return nil
}
