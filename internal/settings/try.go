package settings

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// Verdict says whether an address would be let in with right credentials, and by what.
type Verdict struct {
	Address netip.Addr
	Allowed bool
	Reason  sms.AccessReason // why not; empty: it would be let in

	ByAccount *sms.AllowEntry // the entry of the account's list that has the address; nil: none, or the list is off
	ByKey     *sms.AllowEntry // the same of the key's
}

// Try says whether an address would be let in, in the order in which it is judged: the key (nil: Basic credentials), the
// account, its list, the key's list. sms.Invalid for what is no address. Nothing is noted.
func (s *Service) Try(account *sms.Account, key *sms.Key, address string) (Verdict, error) {
	parsed, err := netip.ParseAddr(strings.TrimSpace(address))
	if err != nil {
		return Verdict{}, sms.InvalidField("address", "must be an IPv4 or IPv6 address, such as 203.0.113.7 or 2001:db8::7")
	}
	v := Verdict{Address: parsed.Unmap().WithZone("")}
	own := sms.AllowList{}
	if key != nil {
		own = key.AllowList
	}
	v.ByAccount, v.ByKey = entered(account.AllowList, v.Address), entered(own, v.Address)
	switch {
	case key != nil && !key.Revoked.IsZero():
		v.Reason = sms.KeyRevoked
	case key != nil && !key.Expires.IsZero() && !time.Now().Before(key.Expires):
		v.Reason = sms.KeyExpired
	case account.Suspended:
		v.Reason = sms.AccountSuspended
	case !auth.Permits(account.AllowList, v.Address):
		v.Reason = sms.NotOnAccountList
	case !auth.Permits(own, v.Address):
		v.Reason = sms.NotOnKeyList
	}
	v.Allowed = v.Reason == ""
	return v, nil
}

func entered(list sms.AllowList, address netip.Addr) *sms.AllowEntry {
	if !list.Enabled {
		return nil
	}
	return auth.Matching(list, address)
}

// AllowAddress adds an address to the list of an account, whether the list is on or off; an address that it has already
// changes nothing. Errors: sms.Invalid names the field.
func (s *Service) AllowAddress(ctx context.Context, by By, account *sms.Account, entry Entry) (sms.AllowList, error) {
	parsed, err := ParseAllowList(true, []Entry{entry})
	if err != nil {
		return sms.AllowList{}, err
	}
	added := parsed.Entries[0]
	if len(account.AllowList.Entries) >= mostEntries {
		return sms.AllowList{}, sms.InvalidField("entries", "must be at most %d", mostEntries)
	}
	return s.ChangeAllowList(ctx, by, "allow-list add", account, func(list *sms.AllowList) {
		for i := range list.Entries {
			if list.Entries[i].Prefix == added.Prefix {
				return
			}
		}
		list.Entries = append(append([]sms.AllowEntry(nil), list.Entries...), added)
	})
}
