package console

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/people"
	"github.com/staffetta/staffetta/internal/sms"
)

// The page of an account's people, and that of everybody, for operators: the same steps below two paths.
const (
	accountPeople  = "/settings/people"
	everybodysPage = "/operator/people"
)

var peopleRoutes = append(peopleBelow(accountPeople, managePeople), peopleBelow(everybodysPage, operate)...)

func peopleBelow(base string, needs action) []route {
	one := base + "/{person}"
	return []route{
		{http.MethodGet, base, needs, (*Console).peoplePage},
		{http.MethodPost, base, needs, (*Console).invite},
		{http.MethodGet, one, needs, (*Console).personPage},
		{http.MethodPost, one + "/role", needs, (*Console).changeRole},
		{http.MethodPost, one + "/link", needs, (*Console).newLink},
		{http.MethodPost, one + "/disable", needs, (*Console).disablePerson},
		{http.MethodPost, one + "/enable", needs, (*Console).enablePerson},
		{http.MethodPost, one + "/sign-out", needs, (*Console).signOutPerson},
		{http.MethodPost, one + "/two-factor-off", needs, (*Console).personFactorOff},
		{http.MethodPost, one + "/remove", needs, (*Console).removePerson},
	}
}

// Folk knows who may sign in, and lets others in.
type Folk interface {
	Invite(ctx context.Context, by people.By, n people.NewPerson) (people.Link, error)
	NewLink(ctx context.Context, by people.By, person sms.PersonID) (people.Link, error)
	List(ctx context.Context, by people.By) ([]sms.Person, error)
	Find(ctx context.Context, by people.By, person sms.PersonID) (sms.Person, error)
}

// FolkChanges changes who may sign in.
type FolkChanges interface {
	ChangeRole(ctx context.Context, by people.By, person sms.PersonID, role sms.Role) error
	SetDisabled(ctx context.Context, by people.By, person sms.PersonID, disabled bool) error
	Remove(ctx context.Context, by people.By, person sms.PersonID) error
	TwoFactorOff(ctx context.Context, by people.By, person sms.PersonID) error
	SignOut(ctx context.Context, by people.By, person sms.PersonID) error
}

// mostPeople is how many are shown at once.
const mostPeople = 200

// everyone reports whether it is the page of everybody.
func (p *page) everyone() bool { return p.route.needs == operate }

// peopleBase is the path of the page.
func (p *page) peopleBase() string {
	if p.everyone() {
		return everybodysPage
	}
	return accountPeople
}

// folk is whom the page may touch: everybody, on the operators' page, else the people of the account.
func (p *page) folk() people.By {
	if p.everyone() {
		return people.By{Actor: p.session.Actor(), Person: p.session.Person.ID, Everybody: true}
	}
	return p.session.By()
}

func (c *Console) peoplePage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showPeople(w, r, p, http.StatusOK, templates.InviteView{Role: sms.RoleViewer.String()})
}

func (c *Console) showPeople(w http.ResponseWriter, r *http.Request, p *page, status int, form templates.InviteView) error {
	list, err := c.parts.Folk.List(r.Context(), p.folk())
	if err != nil {
		return err
	}
	form.Roles = p.roles(p.everyone())
	view := templates.PeopleView{Base: p.peopleBase(), Everyone: p.everyone(), Search: strings.TrimSpace(r.URL.Query().Get("q")), Mails: c.parts.SignIn.Mails(), Form: form}
	for i := range list {
		shown := c.personView(p, &list[i])
		if !found(shown, view.Search) {
			continue
		}
		if view.More = len(view.People) == mostPeople; view.More {
			break
		}
		view.People = append(view.People, shown)
	}
	return p.render(w, status, templates.People(p.frame, view))
}

// found reports whether a person has what is searched for.
func found(v templates.PersonView, search string) bool {
	return search == "" || strings.Contains(strings.ToLower(v.Email+"\n"+v.Name+"\n"+v.Account), strings.ToLower(search))
}

// roles is the choice of roles.
func (p *page) roles(operators bool) (options []templates.Option) {
	for _, role := range sms.Roles {
		options = append(options, templates.Option{Value: role.String(), Text: p.roleName(role)})
	}
	if operators {
		options = append(options, templates.Option{Value: sms.RoleOperator.String(), Text: p.roleName(sms.RoleOperator)})
	}
	return options
}

func (c *Console) personView(p *page, one *sms.Person) templates.PersonView {
	v := templates.PersonView{ID: strconv.FormatInt(int64(one.ID), 10), Email: one.Email, Name: one.Name, Role: one.Role.String(), RoleText: p.roleName(one.Role),
		TwoFactor: one.TOTP.On, Disabled: one.Disabled, HasPassword: one.Hash != "", Yourself: one.ID == p.session.Person.ID, LastLogin: one.LastLogin}
	if account, ok := c.parts.Directory.Account(one.Account); ok {
		v.Account = account.Name
	}
	switch {
	case one.Disabled:
		v.State, v.StateText = "bad", p.T("Kept out")
	case one.Hash == "" && one.LastLogin.IsZero():
		v.State, v.StateText, v.Invited = "warn", p.T("Invited"), one.Invited
	default:
		v.State, v.StateText = "good", p.T("Active")
	}
	return v
}

func (c *Console) invite(w http.ResponseWriter, r *http.Request, p *page) error {
	form := templates.InviteView{Email: r.PostFormValue("email"), Name: strings.TrimSpace(r.PostFormValue("name")), Account: strings.TrimSpace(r.PostFormValue("account")),
		Role: r.PostFormValue("role"), Language: r.PostFormValue("language")}
	role, _ := sms.ParseRole(form.Role)
	n := people.NewPerson{Email: form.Email, Name: form.Name, Account: p.session.Account(), Role: role, Language: form.Language}
	var err error
	if p.everyone() {
		n.Account, err = c.accountFor(form.Account, role)
	}
	ctx, cancel := p.context()
	defer cancel()
	var link people.Link
	if err == nil {
		link, err = c.parts.Folk.Invite(ctx, p.folk(), n)
	}
	if err != nil {
		return p.formAgain(w, err, func(wrong templates.Errors) error {
			form.Wrong = wrong
			return c.showPeople(w, r, p, statusOf(sms.CodeOf(err)), form)
		})
	}
	return c.handLink(w, r, p, link)
}

// accountFor is the account that an operator named; operators have none.
func (c *Console) accountFor(name string, role sms.Role) (sms.AccountID, error) {
	if role == sms.RoleOperator && name == "" {
		return 0, nil
	}
	account, ok := c.parts.Directory.AccountNamed(name)
	switch {
	case role == sms.RoleOperator:
		return 0, sms.InvalidField("account", "must be empty for an operator")
	case !ok:
		return 0, sms.InvalidField("account", "there is no such account")
	}
	return account.ID, nil
}

// handLink says that a link was mailed, or shows it.
func (c *Console) handLink(w http.ResponseWriter, r *http.Request, p *page, link people.Link) error {
	if link.Mailed {
		return p.done(w, r, p.peopleBase(), p.T("A link was mailed to %s.", link.Person.Email))
	}
	return c.showPerson(w, r, p, link.Person.ID, http.StatusOK, templates.OnePersonView{Link: templates.LinkView{URL: p.base() + link.Path, Expires: link.Expires}})
}

// showPerson shows the page of a person; what is in view already stays.
func (c *Console) showPerson(w http.ResponseWriter, r *http.Request, p *page, id sms.PersonID, status int, view templates.OnePersonView) error {
	one, err := c.parts.Folk.Find(r.Context(), p.folk(), id)
	if err != nil {
		return err
	}
	view.Base, view.Person = p.peopleBase(), c.personView(p, &one)
	if !one.Operator() {
		view.Roles = p.roles(false)
	}
	return p.render(w, status, templates.OnePerson(p.frame, view))
}

// personOf is the person of the path; one that is no number is nobody.
func personOf(r *http.Request) sms.PersonID {
	id, _ := strconv.ParseInt(r.PathValue("person"), 10, 64)
	return sms.PersonID(id)
}

func (c *Console) personPage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showPerson(w, r, p, personOf(r), http.StatusOK, templates.OnePersonView{})
}

// personStep does one thing to a person and goes back to their page, which says it; what cannot be is said there too.
func (c *Console) personStep(w http.ResponseWriter, r *http.Request, p *page, done string, step func(by people.By, id sms.PersonID) error) error {
	id := personOf(r)
	if err := step(p.folk(), id); err != nil {
		return p.formAgain(w, err, func(wrong templates.Errors) error {
			return c.showPerson(w, r, p, id, statusOf(sms.CodeOf(err)), templates.OnePersonView{Problem: wrong[""], Wrong: wrong})
		})
	}
	return p.done(w, r, p.peopleBase()+"/"+r.PathValue("person"), done)
}

func (c *Console) changeRole(w http.ResponseWriter, r *http.Request, p *page) error {
	role, _ := sms.ParseRole(r.PostFormValue("role"))
	return c.personStep(w, r, p, p.T("The role is changed, in force from now on."), func(by people.By, id sms.PersonID) error {
		return c.parts.FolkChanges.ChangeRole(r.Context(), by, id, role)
	})
}

func (c *Console) newLink(w http.ResponseWriter, r *http.Request, p *page) error {
	ctx, cancel := p.context()
	defer cancel()
	link, err := c.parts.Folk.NewLink(ctx, p.folk(), personOf(r))
	if err != nil {
		return err
	}
	return c.handLink(w, r, p, link)
}

func (c *Console) disablePerson(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.personStep(w, r, p, p.T("Kept out from now on: every session has ended."), func(by people.By, id sms.PersonID) error {
		return c.parts.FolkChanges.SetDisabled(r.Context(), by, id, true)
	})
}

func (c *Console) enablePerson(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.personStep(w, r, p, p.T("May sign in again."), func(by people.By, id sms.PersonID) error {
		return c.parts.FolkChanges.SetDisabled(r.Context(), by, id, false)
	})
}

func (c *Console) signOutPerson(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.personStep(w, r, p, p.T("Every session has ended."), func(by people.By, id sms.PersonID) error {
		return c.parts.FolkChanges.SignOut(r.Context(), by, id)
	})
}

func (c *Console) personFactorOff(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.personStep(w, r, p, p.T("Two-factor authentication is off."), func(by people.By, id sms.PersonID) error {
		return c.parts.FolkChanges.TwoFactorOff(r.Context(), by, id)
	})
}

// removePerson wants the address typed.
func (c *Console) removePerson(w http.ResponseWriter, r *http.Request, p *page) error {
	id := personOf(r)
	one, err := c.parts.Folk.Find(r.Context(), p.folk(), id)
	if err != nil {
		return err
	}
	if typed, _ := sms.CleanEmail(r.PostFormValue("email")); typed != one.Email {
		err = sms.InvalidField("email", "is not the address of this person")
	} else {
		err = c.parts.FolkChanges.Remove(r.Context(), p.folk(), id)
	}
	if err != nil {
		return p.formAgain(w, err, func(wrong templates.Errors) error {
			return c.showPerson(w, r, p, id, statusOf(sms.CodeOf(err)), templates.OnePersonView{Problem: hiddenWrong(wrong), Wrong: wrong})
		})
	}
	return p.done(w, r, p.peopleBase(), p.T("%s is removed.", one.Email))
}

// hiddenWrong is what is wrong with a form whose fields are hidden at first.
func hiddenWrong(wrong templates.Errors) string {
	if wrong[""] != "" {
		return wrong[""]
	}
	return wrong["email"]
}
