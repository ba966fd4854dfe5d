package sms

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the class of an error, the same for every door. Three tables translate it: one for HTTP, one for SMPP
// command_status, one for the commands.
type Code uint8

// The classes. Internal is the zero value, so that an error nobody classified is never told to a customer.
const (
	Internal        Code = iota // a defect or a broken machine; the text stays in the log
	Invalid                     // what the caller sent cannot be; Fields says which member and why
	Unauthenticated             // no credentials, or wrong ones
	Forbidden                   // known, but not from there, not for that, or suspended
	NotFound                    // there is no such thing for this caller
	Conflict                    // the name or id is taken by something else
	TooLarge                    // larger than the limit of this door
	Unsupported                 // a form that this door does not read
	Limited                     // too many; RetryAfter says when again
	Unavailable                 // the store cannot take it now; RetryAfter says when again
	NoCredit                    // the account cannot pay it
)

// Error is what a step answers when it refuses. Message is meant for the caller and holds no secret and no
// internal detail; the cause, if any, is for the log only and is reached by Unwrap.
type Error struct {
	Code       Code
	Message    string
	Fields     []FieldError
	RetryAfter time.Duration
	Cause      error
}

// FieldError names one member of the input and says what is wrong with it and what to do.
type FieldError struct {
	Field   string
	Message string
}

func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.Message)
	for _, f := range e.Fields {
		text.WriteString("; " + f.Field + ": " + f.Message)
	}
	if e.Cause != nil {
		text.WriteString(": " + e.Cause.Error())
	}
	return text.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an error of a class with a message for the caller.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField makes the error of one wrong member.
func InvalidField(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Message: "validation failed",
		Fields: []FieldError{{Field: field, Message: fmt.Sprintf(format, args...)}}}
}

// CodeOf classifies any error; one that no step classified is Internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
