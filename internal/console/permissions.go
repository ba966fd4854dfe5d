package console

import (
	"slices"

	"github.com/staffetta/staffetta/internal/sms"
)

// action is something that a role may do. Every route needs one.
type action string

// The actions. The first three need no role.
const (
	anyone   action = "anyone"   // without signing in
	yourself action = "yourself" // whoever has signed in, about their own sign-in

	look         action = "look"          // see messages, figures and settings of the account
	send         action = "send"          // send, cancel and move messages
	changeOptOut action = "change opt-outs"
	develop      action = "develop"       // keys, allow-list, webhook, audit log
	managePeople action = "manage people" // who gets in, with which role
	operate      action = "operate"       // everything of the platform
)

// permissions is who may do what within an account. An operator may operate, and has an owner's rights in the account
// that the session works in.
var permissions = map[action][]sms.Role{
	look:         {sms.RoleOwner, sms.RoleDeveloper, sms.RoleSender, sms.RoleViewer},
	send:         {sms.RoleOwner, sms.RoleDeveloper, sms.RoleSender},
	changeOptOut: {sms.RoleOwner, sms.RoleDeveloper, sms.RoleSender},
	develop:      {sms.RoleOwner, sms.RoleDeveloper},
	managePeople: {sms.RoleOwner},
}

// may reports whether a role permits an action, in an account or, without one, on the platform.
func may(role sms.Role, inAccount bool, needs action) bool {
	switch {
	case needs == anyone || needs == yourself:
		return true
	case needs == operate:
		return role == sms.RoleOperator
	case !inAccount:
		return false
	case role == sms.RoleOperator:
		return true
	}
	return slices.Contains(permissions[needs], role)
}
