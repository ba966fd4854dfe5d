package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/staffetta/staffetta/proof/server"
)

// keptGateway is a gateway whose stored messages serve all rounds of a row: to make millions takes minutes.
type keptGateway struct {
	gateway interface {
		gateway
		keeper
	}
	carrier string // the address that it knows its carrier by
}

// measureKept measures a gateway that has messages already.
func (b *bench) measureKept(ctx context.Context, r row, dir string) (res result, err error) {
	kept, ok := b.kept[keyOf(r)]
	if !ok {
		if kept, err = b.keep(ctx, r, dir); err != nil {
			return res, err
		}
	}
	m := &measurement{bench: b, row: r, dir: dir, gateway: kept.gateway}
	if m.carrier, err = startCarrier(ctx, dir, kept.carrier, true); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, m.carrier.stop()) }()
	if m.targets, err = kept.gateway.resume(ctx); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, kept.gateway.pause(ctx)) }()
	return m.run(ctx)
}

// keyOf names a kept gateway.
func keyOf(r row) string { return r.Gateway + ": " + r.Name }

// keep makes a gateway, lets a few messages live their whole life in it, and multiplies one of them.
func (b *bench) keep(ctx context.Context, r row, dir string) (kept *keptGateway, err error) {
	made := b.gateway(r.Gateway)
	able, ok := made.(interface {
		gateway
		keeper
	})
	if !ok {
		return nil, fmt.Errorf("%s cannot keep messages", r.Gateway)
	}
	kept = &keptGateway{gateway: able}
	if kept.carrier, err = server.FreeAddress(ctx); err != nil {
		return nil, err
	}
	b.kept[keyOf(r)] = kept
	own, err := os.MkdirTemp(b.folder, "kept-")
	if err != nil {
		return nil, err
	}
	m := &measurement{bench: b, row: r, dir: dir, gateway: able}
	m.row.Connections = 1
	if m.carrier, err = startCarrier(ctx, dir, kept.carrier, true); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.carrier.stop()) }()
	if m.targets, err = able.start(ctx, place{own, kept.carrier, r}); err != nil {
		return nil, err
	}
	if err := m.few(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	fmt.Fprintf(os.Stderr, "%s: storing %s messages …\n", titleOf(r.Gateway), thousands(r.Stored))
	if err := errors.Join(able.pause(ctx), able.fill(ctx, r.Stored)); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s: stored in %v\n", titleOf(r.Gateway), time.Since(began).Round(time.Second))
	return kept, nil
}

// few sends messages for a moment and waits for their receipts.
func (m *measurement) few(ctx context.Context) error {
	got, err := m.offer(ctx, 100*time.Millisecond, nil)
	if err != nil {
		return err
	}
	_, err = m.drained(ctx, got.accepted)
	return err
}

// dropKept ends what was kept.
func (b *bench) dropKept(ctx context.Context) error {
	var errs []error
	for _, kept := range b.kept {
		errs = append(errs, kept.gateway.stop(ctx))
	}
	return errors.Join(errs...)
}
