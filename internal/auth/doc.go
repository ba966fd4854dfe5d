// Package auth says who is calling, and from where: API keys, names with passwords, allow-lists, client addresses.
//
// What comes in: credentials as a door has read them from its headers or its bind, and the client address. What
// goes out: a Caller, or an sms.Error of the class Unauthenticated, Forbidden, Limited or Unavailable whose text
// never says which part was wrong. It never reads a header, a database or a file, never starts a goroutine, and
// never logs: neither a secret nor anything else.
//
// The order is: the credentials, then the state of the account, then its allow-list, then that of the key. So a
// wrong key from a foreign address is Unauthenticated, and only who holds the right one learns of the lists.
package auth
