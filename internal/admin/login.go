package admin

import (
	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
)

// Login is a username with a password that was just made; it is shown this once.
type Login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

func (s *Service) newPassword(c call, in Named) (Login, error) {
	return s.changePassword(c, in.Account, "account password", auth.NewPassword(), func(u *sms.User, hash string) { u.Hash = hash })
}

func (s *Service) newSMPPPassword(c call, in Named) (Login, error) {
	return s.changePassword(c, in.Account, "account smpp-password", auth.NewSMPPPassword(), func(u *sms.User, hash string) { u.SMPPHash = hash })
}

func (s *Service) changePassword(c call, name, action, password string, set func(u *sms.User, hash string)) (Login, error) {
	account, err := s.account(name)
	if err != nil {
		return Login{}, err
	}
	users, err := s.Store.Users(c, account.ID)
	if err != nil {
		return Login{}, err
	}
	if len(users) == 0 {
		return Login{}, sms.Errorf(sms.NotFound, "account %q has no user", name)
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return Login{}, err
	}
	user := users[0].Name
	err = s.Store.ChangeUser(c, c.deed(action, name, "user "+user), user, func(u *sms.User) { set(u, hash) })
	return Login{user, password}, s.settled(c, err)
}
