package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/carrier"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/console"
	"github.com/staffetta/staffetta/internal/directory"
	"github.com/staffetta/staffetta/internal/dispatch"
	"github.com/staffetta/staffetta/internal/export"
	"github.com/staffetta/staffetta/internal/httpapi"
	"github.com/staffetta/staffetta/internal/intake"
	"github.com/staffetta/staffetta/internal/lookup"
	"github.com/staffetta/staffetta/internal/optout"
	"github.com/staffetta/staffetta/internal/outbox"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/ratelimit"
	"github.com/staffetta/staffetta/internal/receipt"
	"github.com/staffetta/staffetta/internal/route"
	"github.com/staffetta/staffetta/internal/settings"
	"github.com/staffetta/staffetta/internal/smppapi"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/status"
	"github.com/staffetta/staffetta/internal/store"
	"github.com/staffetta/staffetta/internal/traffic"
)

// server is all parts of a server, in flow order.
type server struct {
	config     *config.Config
	log        *slog.Logger
	store      *store.Store
	directory  *directory.Directory
	dispatcher *dispatch.Dispatcher
	carriers   *carrier.Manager
	health     *route.Health
	router     *route.Router
	outbox     *outbox.Outbox
	exports    *export.Maker
	ids        *sms.PublicIDs
	who        *auth.Authenticator
	intake     *intake.Intake
	changes    *intake.Changes
	messages   *status.Reader
	hooks      *outbox.Hooks
	admin      *admin.Service
	uses       *settings.Uses
	refusals   *settings.Refusals
	replier    optout.Replier
	lookup     *lookup.Service
	smpp       *smppapi.Server
	limiter    *ratelimit.Limiter
	people     *people.Service
	metrics    http.Handler
	door       http.Handler // of HTTP
	console    *console.Console
}

// build makes the parts and joins them; nothing runs yet.
func build(ctx context.Context, cfg *config.Config, stored *store.Store, secret []byte, log *slog.Logger) (_ *server, err error) {
	if err := stored.Join(ctx); err != nil {
		return nil, err
	}
	known := directory.New(stored)
	if err := known.Refresh(ctx); err != nil {
		return nil, err
	}
	s := &server{config: cfg, log: log, store: stored, directory: known, ids: sms.NewPublicIDs(secret)}
	s.dispatcher = dispatch.New(stored, stored, log)
	if cfg.Database != "" {
		s.dispatcher.Among(stored)
	}
	s.health = route.NewHealth(s.connections)
	s.router = route.New(known, s.health)
	s.dispatcher.By(s.router)
	s.intake = intake.New(stored, known, s.router, s.ids, s.dispatcher.Offer)
	s.changes = intake.NewChanges(s.intake, stored, s.dispatcher.Withdraw)
	s.carriers = carrier.New(carrier.Options{Directory: known, Dispatcher: s.dispatcher, Recorder: receipt.New(stored, log).Watched(s.health), Log: log,
		Pace: s.dispatcher.Pace, Figures: s.dispatcher.Figures, Depth: s.dispatcher.Depth})
	s.hooks = outbox.NewHooks(stored, s.ids, cfg.Webhook.AllowPrivate)
	s.messages = status.New(stored, s.ids).Naming(known).Routing(s.router).Explaining(func(id sms.CarrierID, code string) string {
		return carrier.Words(known.Carriers(), id, code)
	})
	s.exports = export.NewMaker(stored, s.messages, log)
	s.uses, s.refusals = settings.NewUses(stored), settings.NewRefusals(stored)
	s.replier = optout.Replier{Answers: stored, Accounts: known, Sender: s.intake, Log: log}
	s.who = auth.New(known, secret, auth.Options{Used: s.uses.Note, Refused: s.refusals.Note})
	s.smpp = smppapi.New(smppapi.Parts{Authenticator: s.who, Intake: s.intake, Messages: s.messages, Accounts: known,
		Changer: s.changes, Log: log})
	s.outbox = outbox.New(outbox.Options{Store: stored, IDs: s.ids, AllowPrivate: cfg.Webhook.AllowPrivate, Receivers: receivers{s.smpp}, Log: log})
	if s.people, err = newPeople(cfg, s, secret); err != nil {
		return nil, err
	}
	s.admin = admin.New(admin.Parts{Uses: s.uses, Customers: s.smpp, Store: stored, Directory: known, Secret: secret, OwnSecret: cfg.OwnSecret(),
		Shared: cfg.Database != "", AllowPrivate: cfg.Webhook.AllowPrivate, Sender: s.intake, Changes: s.changes, Messages: s.messages, Carriers: s.carriers, Router: s.router, People: s.people, Version: version})
	if s.lookup, err = newLookup(cfg.Lookup, stored); err != nil {
		return nil, err
	}
	s.limiter = newLimiter(cfg, stored, log)
	s.metrics = newMetrics(s)
	pages, err := console.New(s.pages(secret))
	if err != nil {
		return nil, err
	}
	s.door, s.console = front{pages, httpapi.New(s.api(secret))}, pages
	return s, nil
}

// api is what the HTTP door for programs needs.
func (s *server) api(secret []byte) httpapi.Parts {
	parts := httpapi.Parts{
		Authenticator: s.who,
		Limiter:       s.limiter,
		Intake:        s.intake,
		Changes:       s.changes,
		Status:        s.messages,
		Exports:       export.New(s.store, s.directory, s.ids, secret, s.exports.Wake),
		Settings:      settings.New(s.store, s.directory, secret).Knowing(s.uses),
		Webhooks:      s.hooks,
		Events:        s.hooks,
		OptOuts:       optout.New(s.store),
		Lookup:        s.lookup,
		Readiness:     readiness{s},
		Proxies:       s.config.HTTP.Proxies,
		Log:           s.log,
	}
	if s.config.Metrics.Listen == "" {
		parts.Metrics = s.metrics
	}
	return parts
}

// pages is what the console needs.
func (s *server) pages(secret []byte) console.Parts {
	return console.Parts{
		Sessions:    s.people,
		Directory:   s.directory,
		Operations:  func(actor string) admin.Connection { return s.admin.Local(actor) },
		Messages:    s.messages,
		Overviews:   s.overviews(),
		Streams:     export.NewStreams(s.messages, s.store, s.directory),
		Changes:     func(actor string, account *sms.Account) console.Changes { return s.changes.By(actor, account) },
		Sending:     s.intake,
		TestNumbers: s.testNumbers,
		Settings:    settings.New(s.store, s.directory, secret).Knowing(s.uses).Watching(s.refusals),
		Webhooks:    s.hooks,
		Events:      s.hooks,
		OptOuts:     optout.New(s.store),
		Senders:     s.directory,
		Proxies:     s.config.HTTP.Proxies,
		Log:         s.log,

		SignIn: s.people, SignOn: s.people, Me: s.people, Factor: s.people, Folk: s.people, FolkChanges: s.people,
	}
}

// overviews says how it goes.
func (s *server) overviews() *traffic.Reader {
	return traffic.New(traffic.Parts{Store: s.store, Directory: s.directory, Carriers: s.carrierStates, MaxBacklog: s.config.Limits.MaxBacklog,
		Refusals: s.refusedLately})
}

// refusedLately is how often callers of an account were not let in.
func (s *server) refusedLately(ctx context.Context, account sms.AccountID, since time.Time) (sum traffic.Refused, err error) {
	stored, err := s.store.AccessRefusals(ctx, account)
	for _, r := range stored {
		if r.Last.Before(since) {
			continue
		}
		sum.Times += r.Times
		if r.Last.After(sum.Last) {
			sum.Last, sum.From = r.Last, r.Address.String()
		}
	}
	return sum, err
}

// carrierStates is how carriers stand, in the words of the overview.
func (s *server) carrierStates() (list []traffic.CarrierState) {
	for _, c := range s.carriers.States() {
		list = append(list, traffic.CarrierState{ID: c.ID, Name: c.Name, Sessions: c.Sessions, Bound: c.Bound, Since: c.Since, LastError: c.LastError,
			Refused: c.Refused, Slowed: c.Pace.Slowed, Limit: c.Pace.Limit, Off: c.State == sms.CarrierDisabled})
	}
	return list
}

// newLimiter makes the limiter of requests, which servers of one database share.
func newLimiter(cfg *config.Config, stored *store.Store, log *slog.Logger) *ratelimit.Limiter {
	limiter := ratelimit.New(nil)
	if cfg.Database != "" {
		limiter.Among(stored, log)
	}
	return limiter
}

// connections says how carriers are connected, for their health.
func (s *server) connections() (list []route.Connection) {
	for _, c := range s.carriers.States() {
		list = append(list, route.Connection{Carrier: c.ID, Bound: c.Bound > 0, Since: c.Since})
	}
	return list
}

// tidy removes what has served its time, now and then.
func (s *server) tidy(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		if _, err := s.store.Tidy(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("what has served its time could not be removed", "error", err)
		}
		if _, err := s.store.TidyEvents(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("events that have served their time could not be removed", "error", err)
		}
		if err := s.store.TidyExports(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("exports that have served their time could not be removed", "error", err)
		}
		ended, err := s.store.ExpireEvents(ctx)
		if s.outbox.SMPP.Failed.Add(ended); err != nil && ctx.Err() == nil {
			s.log.Warn("receipts for which nobody has bound could not be ended", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// newLookup makes the number lookup; without a URL it answers from imported data alone.
func newLookup(cfg config.Lookup, stored *store.Store) (*lookup.Service, error) {
	if cfg.URL == "" {
		return lookup.New(stored, nil, 0), nil
	}
	fields, err := lookup.ParseFields(cfg.Fields)
	if err != nil {
		return nil, fmt.Errorf("lookup.fields: %w", err)
	}
	key, err := cfg.Secret()
	if err != nil {
		return nil, err
	}
	provider := lookup.NewHTTP(lookup.HTTP{URL: cfg.URL, Header: cfg.KeyHeader, Key: key, Fields: fields, Timeout: time.Duration(cfg.Timeout) * time.Second})
	return lookup.New(stored, provider, time.Duration(cfg.Keep)*time.Second), nil
}
