package auth

import "context"

// Passwords hashes and checks passwords of people: one at a time on the whole server, 32 may wait. Safe for concurrent
// use. It counts no failures: who asks it does.
type Passwords struct {
	hasher *hasher
	shared *hasher // of programs, nil: there are none; people take one place in it at a time, so that no crowd of them keeps programs out
	none   string
}

// NewPasswords makes one with a turn of its own, for a process without an Authenticator.
func NewPasswords() *Passwords { return &Passwords{newHasher(), nil, dummyHash()} }

// Passwords takes turns with the passwords of this Authenticator, so that the memory of hashes is bounded in all.
func (a *Authenticator) Passwords() *Passwords {
	return &Passwords{newHasher(), a.hasher, a.noPassword}
}

// enter waits for the turn among people, then for that among all; leave must follow when it returns nil.
func (p *Passwords) enter(ctx context.Context) error {
	if err := p.hasher.enter(ctx); err != nil || p.shared == nil {
		return err
	}
	if err := p.shared.enter(ctx); err != nil {
		p.hasher.leave()
		return err
	}
	return nil
}

func (p *Passwords) leave() {
	if p.shared != nil {
		p.shared.leave()
	}
	p.hasher.leave()
}

// Hash is HashPassword when the turn has come; the error of too many that wait is sms.Unavailable.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	return HashPassword(password)
}

// Matches reports whether a stored hash is of that password. It takes the same time when stored is empty, which no password
// has. The error of too many that wait is sms.Unavailable.
func (p *Passwords) Matches(ctx context.Context, stored, password string) (bool, error) {
	if err := p.enter(ctx); err != nil {
		return false, err
	}
	defer p.leave()
	if stored == "" {
		stored = p.none
	}
	if !plausible(password) { // its length is bounded, not its cost
		verify(stored, "")
		return false, nil
	}
	return verify(stored, password), nil
}
