package admin

// Login is a username with a password that was just made; it is shown this once.
type Login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

func (s *Service) newPassword(c call, in Named) (Login, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Login{}, err
	}
	username, password, err := s.settings.NewPassword(c, c.by(), account)
	return Login{username, password}, err
}

func (s *Service) newSMPPPassword(c call, in Named) (Login, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Login{}, err
	}
	username, password, err := s.settings.NewSMPPPassword(c, c.by(), account)
	return Login{username, password}, err
}
