package main

import (
	"fmt"
	"io"
	"time"

	"github.com/staffetta/staffetta/internal/admin"
)

type userCommands struct {
	Create       userCreate       `cmd:"" help:"Let somebody sign in to the console."`
	List         userList         `cmd:"" help:"List who may sign in."`
	Reset        userReset        `cmd:"" help:"Make a one-time link by which somebody chooses a password."`
	Role         userRole         `cmd:"" help:"Give somebody of an account another role."`
	Disable      userDisable      `cmd:"" help:"Keep somebody out, until they are enabled."`
	Enable       userEnable       `cmd:"" help:"Let somebody in again who was disabled."`
	Remove       userRemove       `cmd:"" help:"Forget somebody."`
	Sessions     userSessions     `cmd:"" help:"List the browsers in which somebody is signed in."`
	SignOut      userSignOut      `cmd:"" name:"sign-out" help:"End all sessions of somebody."`
	TwoFactorOff userTwoFactorOff `cmd:"" name:"two-factor-off" help:"End the second factor of somebody who has lost it."`
}

// userEmail is the argument of most of these commands.
type userEmail struct {
	Email string `arg:"" help:"Email address of the person."`
}

func (u userEmail) named() admin.UserName { return admin.UserName{Email: u.Email} }

// consoleURL is where the console is, for links to it.
type consoleURL struct {
	URL string `name:"url" placeholder:"URL" help:"Where browsers find the console, for the link; default: [console] url, or where the running server listens."`
}

type userCreate struct {
	userEmail
	Operator      bool   `help:"They run the platform."`
	Account       string `placeholder:"NAME" help:"The account that they belong to."`
	Role          string `placeholder:"ROLE" help:"In the account: owner, developer, sender or viewer."`
	Name          string `help:"How they are called."`
	Language      string `placeholder:"en|it" help:"The language of the console; default: as their browser asks."`
	PasswordStdin bool   `name:"password-stdin" help:"Read the password from standard input, at least 12 characters; without it a link is made."`
	consoleURL
	output
}

func (userCreate) Help() string {
	return `Without a password this prints a link that works once, within 72 hours: give it to the person, who chooses a password there.

An owner may do everything in the account, also let in others; a developer has keys, webhook and allow-list; a sender sends;
a viewer looks. Operators run the platform and belong to no account.

Examples:

    staffetta user create ada@example.com --operator
    staffetta user create bob@example.com --account acme --role owner --url https://sms.example.com
    staffetta user create cleo@example.com --account acme --role sender --password-stdin < password.txt`
}

func (c userCreate) Run(t *terminal) error {
	request := admin.UserRequest{Email: c.Email, Name: c.Name, Operator: c.Operator, Account: c.Account, Role: c.Role, Language: c.Language, URL: c.URL}
	if c.PasswordStdin {
		password, err := readPassword(t.in)
		if err != nil {
			return err
		}
		request.Password = password
	}
	made, err := ask(t, making, admin.CreateUser, request)
	if err != nil {
		return err
	}
	return c.print(t, made, func(w io.Writer) {
		if made.Link == nil {
			fmt.Fprintf(w, "user\t%s\n", made.Email)
			return
		}
		printLink(w, *made.Link)
	})
}

func printLink(w io.Writer, link admin.UserLink) {
	fmt.Fprintf(w, "user\t%s\nlink\t%s\nexpires\t%s\n", link.Email, link.URL, link.ExpiresAt.Format(time.RFC3339))
	fmt.Fprintln(w, "\nThe link works once, and is shown this once. Whoever has it chooses the password.")
}

type userList struct {
	Account string `placeholder:"NAME" help:"Only the people of an account."`
	output
}

func (userList) Help() string {
	return `STATE is active, disabled, or invited: they have chosen no password yet.

Example:

    staffetta user list --account acme`
}

func (c userList) Run(t *terminal) error {
	users, err := ask(t, existing, admin.ListUsers, admin.Named{Account: c.Account})
	if err != nil {
		return err
	}
	return c.print(t, users, func(w io.Writer) {
		fmt.Fprintln(w, "EMAIL\tACCOUNT\tROLE\tSTATE\tTWO-FACTOR\tLAST SIGN-IN")
		for _, u := range users {
			account, factor, last := u.Account, "off", "never"
			if account == "" {
				account = "-"
			}
			if u.TwoFactor {
				factor = "on"
			}
			if u.LastLogin != nil {
				last = u.LastLogin.Format(time.RFC3339)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Email, account, u.Role, u.State, factor, last)
		}
	})
}

type userReset struct {
	userEmail
	consoleURL
	output
}

func (userReset) Help() string {
	return `Prints a link that works once, within an hour, or within 72 hours for somebody who has no password yet. Links before it
stop. The password so far is good until another one is chosen; then all sessions end. A second factor stays.

Example:

    staffetta user reset ada@example.com`
}

func (c userReset) Run(t *terminal) error {
	request := c.named()
	request.URL = c.URL
	link, err := ask(t, existing, admin.ResetUser, request)
	if err != nil {
		return err
	}
	return c.print(t, link, func(w io.Writer) { printLink(w, link) })
}

type userRole struct {
	userEmail
	Role string `arg:"" help:"owner, developer, sender or viewer."`
}

func (userRole) Help() string {
	return `In force at once, also for who is signed in. An account keeps one owner at least.

Example:

    staffetta user role bob@example.com developer`
}

func (c userRole) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SetUserRole, admin.UserRole{Email: c.Email, Role: c.Role})
	return err
}

type userDisable struct{ userEmail }

func (userDisable) Help() string {
	return `Their sessions end at once. The last owner of an account and the last operator cannot be disabled.

Example:

    staffetta user disable bob@example.com`
}

func (c userDisable) Run(t *terminal) error {
	_, err := ask(t, existing, admin.DisableUser, c.named())
	return err
}

type userEnable struct{ userEmail }

func (userEnable) Help() string {
	return `Example:

    staffetta user enable bob@example.com`
}

func (c userEnable) Run(t *terminal) error {
	_, err := ask(t, existing, admin.EnableUser, c.named())
	return err
}

type userRemove struct{ userEmail }

func (userRemove) Help() string {
	return `The audit log keeps what they did. The last owner of an account and the last operator cannot be removed.

Example:

    staffetta user remove bob@example.com`
}

func (c userRemove) Run(t *terminal) error {
	_, err := ask(t, existing, admin.RemoveUser, c.named())
	return err
}

type userSessions struct {
	userEmail
	output
}

func (userSessions) Help() string {
	return `A session ends after 12 hours without use, and after 7 days in any case.

Example:

    staffetta user sessions ada@example.com`
}

func (c userSessions) Run(t *terminal) error {
	sessions, err := ask(t, existing, admin.UserSessions, c.named())
	if err != nil {
		return err
	}
	return c.print(t, sessions, func(w io.Writer) {
		fmt.Fprintln(w, "SIGNED IN\tLAST USED\tFROM\tBROWSER")
		for _, s := range sessions {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.CreatedAt.Format(time.RFC3339), s.SeenAt.Format(time.RFC3339), s.Address, s.Agent)
		}
	})
}

type userSignOut struct{ userEmail }

func (userSignOut) Help() string {
	return `Example:

    staffetta user sign-out ada@example.com`
}

func (c userSignOut) Run(t *terminal) error {
	_, err := ask(t, existing, admin.SignOutUser, c.named())
	return err
}

type userTwoFactorOff struct{ userEmail }

func (userTwoFactorOff) Help() string {
	return `For somebody who has lost the telephone and the recovery codes: make sure that it is them who asks. The password alone lets
them in then.

Example:

    staffetta user two-factor-off ada@example.com`
}

func (c userTwoFactorOff) Run(t *terminal) error {
	_, err := ask(t, existing, admin.UserTwoFactorOff, c.named())
	return err
}
