// Package smppapi is the door for customers who speak SMPP 3.4.
//
// What comes in: binds of accounts, and their submit_sm, data_sm, submit_multi, query_sm, cancel_sm and replace_sm. What
// goes out: intake.Request, an answer to each request, submit_sm_resp only when the message is on durable storage; and the
// sessions of an account that take deliver_sm, for who has something to deliver.
//
// It never stores, never makes a receipt, and never lets in an account that HTTP would not let in from the same address.
package smppapi
