package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/staffetta/staffetta/internal/sms"
)

// Account is an account made by a command.
type Account struct {
	Name     string
	ID       sms.AccountID `json:"accountId"`
	APIKey   string        `json:"apiKey"`
	Username string        `json:"username"`
	Password string        `json:"password"`
}

// CreateAccount makes an account without rate limit.
func (s *Server) CreateAccount(ctx context.Context, name string, credit sms.Money) (Account, error) {
	account := Account{Name: name}
	err := s.CommandJSON(ctx, &account, "account", "create", name, "--credit", credit.String(), "--plan", "unlimited")
	if err == nil && account.APIKey == "" {
		err = fmt.Errorf("account create prints no key")
	}
	return account, err
}

// AddCarrier makes the SMPP carrier at addr the default, with one transceiver, a window, and more parameters of its
// address such as "response_timeout=2s".
func (s *Server) AddCarrier(ctx context.Context, name, addr string, window int, more ...string) error {
	url := fmt.Sprintf("smpp://staffetta:secret@%s?bind=transceiver&window=%d", addr, window)
	for _, parameter := range more {
		url += "&" + parameter
	}
	_, err := s.Command(ctx, "carrier", "add", name, "--smpp", url, "--default")
	return err
}

// Balance is what `account list` says of an account.
func (s *Server) Balance(ctx context.Context, name string) (sms.Balance, error) {
	var accounts []struct {
		Name             string
		Credit, Reserved sms.Money
	}
	if err := s.CommandJSON(ctx, &accounts, "account", "list"); err != nil {
		return sms.Balance{}, err
	}
	for _, a := range accounts {
		if a.Name == name {
			return sms.Balance{Credit: a.Credit, Reserved: a.Reserved}, nil
		}
	}
	return sms.Balance{}, fmt.Errorf("account list does not show %q", name)
}

// Message is what polling says of one message.
type Message struct {
	ID          string    `json:"customerMessageId"`
	Status      string    `json:"deliveryStatus"`
	Description string    `json:"deliveryStatusDescription"`
	SendDate    *string   `json:"sendDate"`
	Price       sms.Money `json:"price"`
}

// mostIDs is how many messages one request may ask for.
const mostIDs = 500

// Messages asks for the status of messages by polling; those that are not there are left out.
func (s *Server) Messages(ctx context.Context, apiKey string, ids []string) (found []Message, err error) {
	for len(ids) > 0 {
		some := ids[:min(mostIDs, len(ids))]
		ids = ids[len(some):]
		url := fmt.Sprintf("http://%s/api/partner-gateway/v1/messages/status?channel=SMS&ids=%s", s.Addr, strings.Join(some, ","))
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("X-Api-Key", apiKey)
		text, err := body(request)
		if err != nil {
			return nil, err
		}
		var more []Message
		if err := json.Unmarshal(text, &more); err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// body is that of an answer 200; anything else is an error.
func body(request *http.Request) ([]byte, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", request.URL.Path, response.Status, text)
	}
	return text, err
}
