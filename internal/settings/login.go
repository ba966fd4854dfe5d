package settings

import (
	"context"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// UserStore keeps usernames and the hashes of their passwords.
type UserStore interface {
	Users(ctx context.Context, account sms.AccountID) ([]sms.User, error)
	ChangeUser(ctx context.Context, deed store.Deed, name string, change func(*sms.User)) error
}

// User is the username of an account, with the hashes of its passwords; sms.NotFound when it has none.
func (s *Service) User(ctx context.Context, account *sms.Account) (sms.User, error) {
	users, err := s.store.Users(ctx, account.ID)
	if err != nil {
		return sms.User{}, err
	}
	if len(users) == 0 {
		return sms.User{}, sms.Errorf(sms.NotFound, "account %q has no user", account.Name)
	}
	return users[0], nil
}

// NewPassword makes a new password for the user of an account; the one before ends at once. It is shown once and kept
// nowhere. Errors: sms.NotFound; sms.Forbidden when the caller may not do everything that a password lets one do.
func (s *Service) NewPassword(ctx context.Context, by By, account *sms.Account) (username, password string, err error) {
	return s.changePassword(ctx, by, account, passwordChange{"account password", auth.NewPassword(), func(u *sms.User, hash string) { u.Hash = hash }})
}

// NewSMPPPassword is NewPassword of the password of eight characters for clients of SMPP that know no longer one.
func (s *Service) NewSMPPPassword(ctx context.Context, by By, account *sms.Account) (username, password string, err error) {
	return s.changePassword(ctx, by, account, passwordChange{"account smpp-password", auth.NewSMPPPassword(), func(u *sms.User, hash string) { u.SMPPHash = hash }})
}

type passwordChange struct {
	action, password string
	set              func(u *sms.User, hash string)
}

func (s *Service) changePassword(ctx context.Context, by By, account *sms.Account, c passwordChange) (username, password string, err error) {
	if !by.grants(sms.Operations) {
		return "", "", sms.Errorf(sms.Forbidden, "a password grants operations that the caller does not have")
	}
	user, err := s.User(ctx, account)
	if err != nil {
		return "", "", err
	}
	hash, err := auth.HashPassword(c.password)
	if err != nil {
		return "", "", err
	}
	err = s.store.ChangeUser(ctx, by.deed(c.action, account, "user "+user.Name), user.Name, func(u *sms.User) { c.set(u, hash) })
	if err := s.settled(ctx, err); err != nil {
		return "", "", err
	}
	return user.Name, c.password, nil
}
