package admin

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/sms"
	"github.com/staffetta/staffetta/internal/store"
)

// AccountRequest asks for a new account.
type AccountRequest struct {
	Name     string    `json:"name"`
	Credit   sms.Money `json:"credit"`
	Plan     string    `json:"plan"`     // empty: production
	Username string    `json:"username"` // empty: made from the name
}

// NewAccount is an account that was just made; the key and the password are shown this once.
type NewAccount struct {
	AccountID sms.AccountID `json:"accountId"`
	Name      string        `json:"name"`
	APIKey    string        `json:"apiKey"`
	Username  string        `json:"username"`
	Password  string        `json:"password"`
}

// Account is what is known of an account.
type Account struct {
	AccountID sms.AccountID `json:"accountId"`
	Name      string        `json:"name"`
	CreatedAt time.Time     `json:"createdAt"`
	Suspended bool          `json:"suspended"`
	Plan      string        `json:"plan"`
	PerMinute int           `json:"perMinute"`
	PerSecond int           `json:"perSecond"`
	Settings  Settings      `json:"settings"`
	Credit
}

// Credit is what an account can spend: the credit less what is reserved for messages on their way.
type Credit struct {
	Credit    sms.Money `json:"credit"`
	Reserved  sms.Money `json:"reserved"`
	Available sms.Money `json:"available"`
}

// CreditRequest adds to the credit of an account, or takes from it.
type CreditRequest struct {
	Account string    `json:"account"`
	Amount  sms.Money `json:"amount"`
}

func (s *Service) createAccount(c call, in AccountRequest) (NewAccount, error) {
	account, err := draftAccount(in)
	if err != nil {
		return NewAccount{}, err
	}
	password := auth.NewPassword()
	hash, err := auth.HashPassword(password)
	if err != nil {
		return NewAccount{}, err
	}
	value, key := auth.NewKey(s.Secret)
	key.Name, key.Operations = "first key", sms.Operations
	first := store.First{Credit: in.Credit, User: sms.User{Hash: hash}, Key: key}
	deed := c.deed("account create", in.Name, fmt.Sprintf("plan %s, credit %s €", account.Plan.Name, in.Credit))
	for attempt := 1; ; attempt++ {
		first.User.Name = in.Username
		if in.Username == "" {
			first.User.Name = username(in.Name, attempt)
		}
		err = s.Store.CreateAccount(c, deed, account, first)
		if in.Username != "" || attempt == 1000 || !taken(err, "username") {
			break
		}
	}
	return NewAccount{account.ID, account.Name, value, first.User.Name, password}, s.settled(c, err)
}

func draftAccount(in AccountRequest) (*sms.Account, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if in.Username != "" {
		if err := auth.CheckUsername(in.Username); err != nil {
			return nil, sms.InvalidField("username", "%s", err)
		}
	}
	if in.Credit < 0 {
		return nil, sms.InvalidField("credit", "must not be negative")
	}
	if in.Plan == "" {
		in.Plan = "production"
	}
	plan, err := planNamed(in.Plan)
	if err != nil {
		return nil, err
	}
	return &sms.Account{Name: in.Name, Plan: plan, Settings: defaultSettings()}, nil
}

func checkName(name string) error {
	control := strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
	if name == "" || utf8.RuneCountInString(name) > 64 || control || !utf8.ValidString(name) || strings.TrimSpace(name) != name {
		return sms.InvalidField("name", "must be 1 to 64 printable characters, without a space at either end")
	}
	return nil
}

// username makes a username of the name of an account; a later attempt another one.
func username(name string, attempt int) string {
	var made []byte
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-':
			made = append(made, byte(r))
		case r == ' ' && len(made) > 0:
			made = append(made, '-')
		}
	}
	base := strings.Trim(string(made), "-._")
	if base == "" {
		base = "account"
	}
	suffix := ""
	if attempt > 1 || len(base) < 3 {
		suffix = fmt.Sprintf("-%d", attempt)
	}
	if len(base)+len(suffix) > 15 {
		base = base[:15-len(suffix)]
	}
	return base + suffix
}

// taken reports whether err says that a field is somebody else's.
func taken(err error, field string) bool {
	refusal, ok := errors.AsType[*sms.Error](err)
	return ok && refusal.Code == sms.Conflict && len(refusal.Fields) > 0 && refusal.Fields[0].Field == field
}

func (s *Service) listAccounts(c call, _ Nothing) ([]Account, error) {
	standing, err := s.Store.Accounts(c)
	if err != nil {
		return nil, err
	}
	accounts := make([]Account, len(standing))
	for i := range standing {
		accounts[i] = shown(&standing[i].Account, standing[i].Balance)
	}
	return accounts, nil
}

func shown(a *sms.Account, b sms.Balance) Account {
	return Account{AccountID: a.ID, Name: a.Name, CreatedAt: a.Created, Suspended: a.Suspended, Plan: a.Plan.Name,
		PerMinute: a.Plan.PerMinute, PerSecond: a.Plan.PerSecond, Settings: shownSettings(a.Settings), Credit: credit(b)}
}

func credit(b sms.Balance) Credit { return Credit{b.Credit, b.Reserved, b.Available()} }

func (s *Service) suspend(c call, in Named) (Nothing, error) {
	return Nothing{}, s.setSuspended(c, in.Account, true)
}

func (s *Service) resume(c call, in Named) (Nothing, error) {
	return Nothing{}, s.setSuspended(c, in.Account, false)
}

func (s *Service) setSuspended(c call, name string, suspended bool) error {
	account, err := s.account(name)
	if err != nil {
		return err
	}
	action := "account resume"
	if suspended {
		action = "account suspend"
	}
	return s.settled(c, s.Store.ChangeAccount(c, c.deed(action, name, ""), account.ID, func(a *sms.Account) error {
		a.Suspended = suspended
		return nil
	}))
}

func (s *Service) adjustCredit(c call, in CreditRequest) (Credit, error) {
	account, err := s.account(in.Account)
	if err != nil {
		return Credit{}, err
	}
	if in.Amount == 0 {
		return Credit{}, sms.InvalidField("amount", "must not be zero")
	}
	after, err := s.Store.AdjustCredit(c, c.deed("account credit", in.Account, signed(in.Amount)+" €"), account.ID, in.Amount)
	return credit(after), err
}

func signed(amount sms.Money) string {
	if amount > 0 {
		return "+" + amount.String()
	}
	return amount.String()
}
