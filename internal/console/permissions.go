package console

import (
	"slices"

	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// action is something that a role may do. Every route needs one.
type action string

// The actions. The first three need no role.
const (
	anyone   action = "anyone"   // without signing in
	yourself action = "yourself" // whoever has signed in, about their own sign-in

	look         action = "look" // see messages, figures and settings of the account
	send         action = "send" // send, cancel and move messages
	changeOptOut action = "change opt-outs"
	develop      action = "develop"       // keys, allow-list, webhook, audit log
	managePeople action = "manage people" // who gets in, with which role
	operate      action = "operate"       // everything of the platform
)

// permissions is who may do what within an account.
var permissions = map[action][]sms.Role{
	look:         {sms.RoleOwner, sms.RoleDeveloper, sms.RoleSender, sms.RoleViewer},
	send:         {sms.RoleOwner, sms.RoleDeveloper, sms.RoleSender},
	changeOptOut: {sms.RoleOwner, sms.RoleDeveloper, sms.RoleSender},
	develop:      {sms.RoleOwner, sms.RoleDeveloper},
	managePeople: {sms.RoleOwner},
}

// may reports whether a session permits an action. An operator has an owner's rights in the account that they work in, and
// none in any other.
func may(s people.Session, needs action) bool {
	switch needs {
	case anyone, yourself:
		return true
	case operate:
		return s.Person.Operator()
	}
	return s.Account() != 0 && slices.Contains(permissions[needs], s.Role())
}
