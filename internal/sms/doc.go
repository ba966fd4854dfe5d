// Package sms is the vocabulary of the server: message, part, account, money, number, outcome, report, and the
// state machine that joins them.
//
// What comes in: texts and numbers as people and protocols write them. What goes out: typed values that cannot be
// wrong. It never reads a clock, a file or a socket, and imports the standard library only.
package sms
