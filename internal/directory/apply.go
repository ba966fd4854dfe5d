package directory

import (
	"cmp"
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// apply puts changed rows in their places and wakes who waits. d.mu is held for writing.
func (d *Directory) apply(changes *Changes) {
	d.applyAccounts(changes.Accounts)
	for _, user := range changes.Users {
		d.users[user.Name] = &user
	}
	for _, key := range changes.Keys {
		d.keys[key.ID] = &key
	}
	for _, price := range changes.Prices {
		d.applyPrice(price)
	}
	d.applySenders(changes.Senders)
	d.applySenderRules(changes.Rules)
	if len(changes.Carriers) > 0 {
		d.carriers = applyCarriers(d.carriers, changes.Carriers)
	}
	if len(changes.Routes) > 0 {
		d.routes = applyRoutes(d.routes, changes.Routes)
	}
	d.revision = max(d.revision, changes.Revision)
	close(d.changed)
	d.changed = make(chan struct{})
}

// applyAccounts forgets all old names before it learns the new ones: two accounts may have swapped theirs.
func (d *Directory) applyAccounts(accounts []sms.Account) {
	for i := range accounts {
		if old, known := d.accounts[accounts[i].ID]; known {
			delete(d.named, old.Name)
		}
	}
	for _, account := range accounts { // each a copy of its own, so that one does not keep all of them in memory
		d.accounts[account.ID] = &account
		d.named[account.Name] = &account
	}
}

func (d *Directory) applyPrice(change PriceChange) {
	list := d.prices[change.Account]
	switch {
	case change.Removed && list != nil:
		list.remove(change.Prefix)
		if len(list.parts) == 0 {
			delete(d.prices, change.Account)
		}
	case !change.Removed:
		if list == nil {
			list = newTariff()
			d.prices[change.Account] = list
		}
		list.set(change.Prefix, change.Part)
	}
}

// applyCarriers makes a new slice: readers keep the old one.
func applyCarriers(carriers []sms.Carrier, changes []CarrierChange) []sms.Carrier {
	next := slices.Clone(carriers)
	for _, change := range changes {
		next = slices.DeleteFunc(next, func(c sms.Carrier) bool { return c.ID == change.ID })
		if !change.Removed {
			next = append(next, change.Carrier)
		}
	}
	slices.SortFunc(next, func(a, b sms.Carrier) int { return cmp.Compare(a.ID, b.ID) })
	return next
}

// applyRoutes makes a new slice: readers keep the old one.
func applyRoutes(routes []sms.Route, changes []RouteChange) []sms.Route {
	next := slices.Clone(routes)
	for _, change := range changes {
		next = slices.DeleteFunc(next, func(r sms.Route) bool { return r.ID == change.ID })
		if !change.Removed {
			next = append(next, change.Route)
		}
	}
	slices.SortFunc(next, func(a, b sms.Route) int { return cmp.Compare(a.ID, b.ID) })
	return next
}
