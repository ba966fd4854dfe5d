package directory

import (
	"context"

	"github.com/staffetta/staffetta/internal/sms"
)

// Source tells what changed. Everything with a version above since is in one answer, read in one transaction,
// together with the newest revision; 0 asks for everything. The directory keeps what it is given: the source must
// not change it afterwards.
type Source interface {
	Changes(ctx context.Context, since int64) (Changes, error)
}

// Changes is one answer of a Source. Accounts, users and keys are never removed: they are suspended or revoked.
type Changes struct {
	Revision int64
	Accounts []sms.Account
	Users    []sms.User
	Keys     []sms.Key
	Prices   []PriceChange
	Carriers []CarrierChange
	Senders  []SenderChange
	Rules    []SenderRuleChange
	Routes   []RouteChange
}

// PriceChange is a price that was set, or one that was removed.
type PriceChange struct {
	sms.Price
	Removed bool
}

// CarrierChange is a carrier that was added or changed, or one that was removed.
type CarrierChange struct {
	sms.Carrier
	Removed bool
}

// RouteChange is a route that was added, or one that was removed.
type RouteChange struct {
	sms.Route
	Removed bool
}

// empty reports whether nothing changed since that revision.
func (c *Changes) empty(since int64) bool {
	return c.Revision <= since &&
		len(c.Accounts)+len(c.Users)+len(c.Keys)+len(c.Prices)+len(c.Carriers)+len(c.Senders)+len(c.Rules)+len(c.Routes) == 0
}
