package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/auth"
	"github.com/staffetta/staffetta/internal/config"
	"github.com/staffetta/staffetta/internal/sms"
)

const (
	demoAccount = "demo"
	demoNumber  = "48883" // to which people can write
)

// demo sets up what a first message needs, once, and says how to send it.
func demo(t *terminal, s *server, url string) error {
	connection := s.admin.Local("demo")
	if _, ok := s.directory.DefaultCarrier(); !ok {
		carrier := admin.CarrierRequest{Name: "practice", Default: true}
		if _, err := admin.AddCarrier.Do(t, connection, carrier); err != nil {
			return err
		}
	}
	request := admin.AccountRequest{Name: demoAccount, Credit: 100 * sms.Euro, Plan: "unlimited"}
	var made admin.NewAccount
	var err error
	_, known := s.directory.AccountNamed(demoAccount)
	if !known {
		made, err = admin.CreateAccount.Do(t, connection, request)
	}
	if known || sms.CodeOf(err) == sms.Conflict { // with a database, another server may have been quicker
		console, err := demoPeople(t, s, url)
		fmt.Fprintf(t.out, againText+"%[4]s", demoAccount, t.where(s.config), program(), console)
		return err
	}
	if err != nil {
		return err
	}
	number := admin.NumberRequest{Number: demoNumber, Account: demoAccount}
	if _, err := admin.AddNumber.Do(t, connection, number); err != nil && sms.CodeOf(err) != sms.Conflict {
		return err
	}
	console, err := demoPeople(t, s, url)
	fmt.Fprintf(t.out, demoText+"%[7]s", made.APIKey, made.Username, made.Password, url, program(), t.where(s.config), console)
	return err
}

// demoPeople makes, once, who signs in to the console, and says where it is; also when the server is stopped at once: a password that
// was made is told.
func demoPeople(t *terminal, s *server, url string) (string, error) {
	people := [...]admin.UserRequest{{Email: "demo@example.com", Account: demoAccount, Role: "owner"}, {Email: "operator@example.com", Operator: true}}
	connection := s.admin.Local("demo")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t), 5*time.Second)
	defer cancel()
	there, err := admin.ListUsers.Do(ctx, connection, admin.Named{})
	if err != nil {
		return "", err
	}
	again := fmt.Sprintf(consoleAgainText, url, program(), people[0].Email, t.where(s.config))
	if len(there) > 0 {
		return again, nil
	}
	for i := range people {
		people[i].Password = auth.NewPassword()
		_, err := admin.CreateUser.Do(ctx, connection, people[i])
		if sms.CodeOf(err) == sms.Conflict { // another server was quicker
			return again, nil
		}
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf(consoleText, url, people[0].Email, people[0].Password, people[1].Email, people[1].Password), nil
}

const consoleText = `The console, for people, is at %[1]s

  of the account   %[2]s  %[3]s
  of the platform  %[4]s  %[5]s

`

const consoleAgainText = `The console, for people, is at %[1]s

  a new password   %[2]s user reset %[3]s%[4]s

`

const demoText = `
The account demo has 100 € of credit and a practice carrier, which sends nothing to anybody.

  API key   %[1]s
  username  %[2]s
  password  %[3]s

They are shown this once. Send a first message:

  curl -X POST '%[4]s/api/message-server/sms/send' -H 'X-Api-Key: %[1]s' -H 'Content-Type: application/json' -d '{"destination":"+393401234567","sender":"MyCompany","body":"Hello world"}'

and ask what became of it:

  curl '%[4]s/api/partner-gateway/v1/messages/status/MESSAGE_ID?channel=SMS' -H 'X-Api-Key: %[1]s'

Its whole life, line by line:  %[5]s message show MESSAGE_ID%[6]s
Numbers that end in 00 to 09 have other outcomes:  %[5]s practice-carrier --help
One that ends in 09 replies; the number 48883 is the account's, so use it as "sender", and read what came back:

  %[5]s inbound list demo%[6]s

`

const againText = `
The account %[1]s is there from an earlier start, with its key and password as they were.

  a new key        %[3]s key regenerate %[1]s%[2]s
  a new password   %[3]s account password %[1]s%[2]s

`

// where is what a command that is shown must add to find this server. A URL with a password is not shown again.
func (t *terminal) where(c *config.Config) string {
	switch {
	case c.Database == "":
		return " --data " + c.Data
	case t.Database != "":
		return " --database …"
	}
	return ""
}

// program is what to type for this program: it was started so.
func program() string { return os.Args[0] }
