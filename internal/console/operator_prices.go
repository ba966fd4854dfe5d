package console

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

var priceRoutes = []route{
	{http.MethodGet, "/operator/prices", operate, (*Console).prices},
	{http.MethodPost, "/operator/prices", operate, (*Console).setPrice},
	{http.MethodPost, "/operator/prices/remove", operate, (*Console).removePrice},
	{http.MethodGet, "/operator/prices.csv", operate, (*Console).downloadPrices},
	{http.MethodPost, "/operator/prices/import", operate, (*Console).importPrices},
}

// mostPrices is how many lines of a list a page shows; the file has all.
const mostPrices = 500

func (c *Console) prices(w http.ResponseWriter, r *http.Request, p *page) error {
	return p.showPrices(w, http.StatusOK, templates.PricesView{Account: seen(r, "account"), Errors: templates.Errors{}})
}

func (p *page) showPrices(w http.ResponseWriter, status int, v templates.PricesView) error {
	all, err := ask(p, admin.ListPrices, admin.Named{Account: v.Account})
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Account != v.Account {
			continue
		}
		if v.Count++; v.Count <= mostPrices {
			v.Prices = append(v.Prices, templates.PriceLine{Prefix: one.Prefix, Price: one.Price})
		}
	}
	if v.Accounts, err = p.accountNames(); err != nil {
		return err
	}
	return p.render(w, status, templates.Prices(p.frame, v))
}

func pricePath(account string) string {
	if account == "" {
		return "/operator/prices"
	}
	return "/operator/prices?account=" + url.QueryEscape(account)
}

func (c *Console) setPrice(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.PricesView{Account: form(r, "account"), Prefix: form(r, "prefix"), Price: form(r, "price")}
	price, err := readMoney(v.Price, "price")
	if err == nil && v.Price == "" {
		err = sms.InvalidField("price", "is missing")
	}
	if err == nil {
		err = tell(p, admin.SetPrice, admin.Price{Account: v.Account, Prefix: v.Prefix, Price: price})
	}
	if err != nil {
		return p.wrong(w, err, func(e templates.Errors) error {
			v.Errors = e
			return p.showPrices(w, http.StatusUnprocessableEntity, v)
		})
	}
	return p.done(w, r, pricePath(v.Account), p.T("The price is set."))
}

func (c *Console) removePrice(w http.ResponseWriter, r *http.Request, p *page) error {
	account := form(r, "account")
	if err := tell(p, admin.RemovePrice, admin.Price{Account: account, Prefix: form(r, "prefix")}); err != nil {
		return err
	}
	return p.done(w, r, pricePath(account), p.T("The price is removed."))
}

func (c *Console) downloadPrices(w http.ResponseWriter, r *http.Request, p *page) error {
	account := seen(r, "account")
	file, err := ask(p, admin.ExportPrices, admin.Named{Account: account})
	if err != nil {
		return err
	}
	name := "prices.csv"
	if account != "" {
		name = "prices " + account + ".csv"
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, err = io.WriteString(w, file.Text)
	return err
}

// importPrices shows what a file would change; once that is confirmed, it does so.
func (c *Console) importPrices(w http.ResponseWriter, r *http.Request, p *page) error {
	text, err := uploaded(r, "file", "text")
	if err != nil {
		return err
	}
	in := admin.PriceImport{Account: form(r, "account"), Text: text, Seen: form(r, "seen")}
	in.Preview = in.Seen == ""
	if strings.TrimSpace(text) == "" {
		return p.showPrices(w, http.StatusUnprocessableEntity, templates.PricesView{Account: in.Account, Errors: templates.Errors{"file": p.T("choose a file first")}})
	}
	changes, err := ask(p, admin.ImportPrices, in)
	if sms.CodeOf(err) == sms.Conflict { // the list has changed since the preview: look again
		in.Seen, in.Preview = "", true
		p.frame.Notice, p.frame.Warned = p.T("The list was changed meanwhile: look at what would change now."), true
		changes, err = ask(p, admin.ImportPrices, in)
	}
	if err != nil {
		return err
	}
	if changes.Done {
		return p.done(w, r, pricePath(in.Account), p.T("The list is replaced: %d added, %d changed, %d removed.", len(changes.Added), len(changes.Changed), len(changes.Removed)))
	}
	status := http.StatusOK
	if len(changes.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.render(w, status, templates.PricePreview(p.frame, previewOf(in, changes)))
}

func previewOf(in admin.PriceImport, changes admin.PriceChanges) templates.PricePreviewView {
	v := templates.PricePreviewView{Account: in.Account, Text: in.Text, Seen: changes.Seen, Same: changes.Same}
	for _, fault := range changes.Errors {
		v.Faults = append(v.Faults, templates.PriceFault(fault))
	}
	for i, list := range [][]admin.PriceChange{changes.Added, changes.Changed, changes.Removed} {
		part := templates.PriceChangeList{Count: len(list)}
		for _, one := range list[:min(len(list), mostPrices)] {
			part.Lines = append(part.Lines, templates.PriceChange(one))
		}
		v.Lists[i] = part
	}
	return v
}

// uploaded is the text of a file that came with a form, or what was written into the form in its place.
func uploaded(r *http.Request, file, text string) (string, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := r.ParseMultipartForm(largestForm); err != nil {
			return "", sms.InvalidField(file, "could not be read")
		}
		if part, _, err := r.FormFile(file); err == nil {
			defer part.Close()
			content, err := io.ReadAll(part)
			if err != nil || len(content) > 0 {
				return string(content), err
			}
		}
	}
	return r.PostFormValue(text), nil
}
