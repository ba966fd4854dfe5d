// Package smpp is one configured carrier that speaks SMPP 3.4: it keeps the wanted number of binds up and translates
// between the vocabulary of the server and the protocol.
//
// What comes in: an address, messages from the dispatcher, and what the carrier sends. What goes out: submit_sm with
// one answer for each part, and receipts and messages from handsets for the recorder, acknowledged to the carrier only
// once they are durable. It never chooses a route, never retries a message, and stores nothing.
package smpp
