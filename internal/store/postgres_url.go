package store

import (
	"errors"
	"fmt"
	"net/url"
)

// badURL says what pgx finds wrong with a URL, which it does not show: it may hold a password.
func badURL(database string, err error) error {
	const form = "the database URL is not one: it should be like postgres://user:password@host:5432/name"
	if _, unparsed := url.Parse(database); unparsed == nil && errors.Unwrap(err) != nil {
		return fmt.Errorf("%s: %w", form, errors.Unwrap(err))
	}
	return errors.New(form)
}
