package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
)

// operatorRoutes are the pages of those who run the platform. What they do goes through package admin, in their name.
var operatorRoutes = slices.Concat(
	accountRoutes,
	carrierRoutes,
	wayRoutes,
	priceRoutes,
	queueRoutes,
	senderRuleRoutes,
	auditRoutes,
)

// ask does an operation in the name of who asks.
func ask[In, Out any](p *page, operation admin.Operation[In, Out], in In) (Out, error) {
	ctx, cancel := p.context()
	defer cancel()
	return operation.Do(ctx, p.operations(), in)
}

// tell is ask for operations without an answer of interest.
func tell[In, Out any](p *page, operation admin.Operation[In, Out], in In) error {
	_, err := ask(p, operation, in)
	return err
}

// wrong answers a form that does not fit: the page again, with what is wrong beside the fields. Other errors go on.
func (p *page) wrong(w http.ResponseWriter, err error, again func(templates.Errors) error) error {
	fields := p.fields(err)
	if fields == nil {
		return err
	}
	return again(fields)
}

// form is a value of the form without space around it.
func form(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// seen is a value of the query.
func seen(r *http.Request, name string) string { return strings.TrimSpace(r.URL.Query().Get(name)) }

// accountNames are those that forms offer: the first, when there are many.
func (p *page) accountNames() ([]string, error) {
	page, err := ask(p, admin.FindAccounts, admin.AccountQuery{Limit: mostOffered})
	var names []string
	for _, a := range page.Accounts {
		names = append(names, a.Name)
	}
	return names, err
}

// mostOffered is how many names a list of suggestions holds.
const mostOffered = 200
