// Package ratelimit decides how many requests a key may make: never more than PerMinute in any minute, nor
// PerSecond in any second.
//
// What comes in: a key, its plan and the time. What goes out: a decision that says what is left and when to come
// again. It keeps the moments of the requests that it allowed, in memory and within bounds; it never waits and
// never answers anyone.
//
// A generic cell rate with a burst would be smaller, but lets up to twice the number through in some minutes; so
// the moments themselves are kept (a sliding log).
package ratelimit
