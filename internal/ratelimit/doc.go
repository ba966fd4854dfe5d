// Package ratelimit decides how many requests a key may make: never more than PerMinute in any minute, nor
// PerSecond in any second.
//
// What comes in: a key, its plan and the time. What goes out: a decision that says what is left and when to come
// again. It keeps the moments of the requests that it allowed, in memory and within bounds; it never
// answers anyone.
//
// A generic cell rate with a burst would be smaller, but lets up to twice the number through in some minutes; so
// the moments themselves are kept (a sliding log).
//
// Processes that share a store divide the limits of each key by what each is asked for, settled every second: a request
// costs no statement. Only one of a key that is new to this process may wait for the next settlement, a quarter of a second
// at most. They let through a twentieth over the limit together, or one request each where the limit is smaller than that.
// What a process that has died had let through is forgotten, as after a restart.
package ratelimit
