package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/staffetta/staffetta/internal/admin"
	"github.com/staffetta/staffetta/internal/console/templates"
	"github.com/staffetta/staffetta/internal/sms"
)

var carrierRoutes = []route{
	{http.MethodGet, "/operator/carriers", operate, (*Console).carriers},
	{http.MethodPost, "/operator/carriers", operate, (*Console).addCarrier},
	{http.MethodGet, "/operator/carriers/{name}", operate, (*Console).carrier},
	{http.MethodPost, "/operator/carriers/{name}", operate, (*Console).changeCarrier},
	{http.MethodPost, "/operator/carriers/{name}/test", operate, (*Console).testCarrier},
	{http.MethodPost, "/operator/carriers/{name}/state", operate, (*Console).orderCarrier},
	{http.MethodPost, "/operator/carriers/{name}/remove", operate, (*Console).removeCarrier},
}

func (c *Console) carriers(w http.ResponseWriter, _ *http.Request, p *page) error {
	return p.showCarriers(w, http.StatusOK, templates.CarriersView{Errors: templates.Errors{}})
}

func (p *page) showCarriers(w http.ResponseWriter, status int, v templates.CarriersView) error {
	all, err := ask(p, admin.ListCarriers, admin.Nothing{})
	if err != nil {
		return err
	}
	for _, one := range all {
		v.Carriers = append(v.Carriers, carrierLine(one))
		v.HasDefault = v.HasDefault || one.Default
	}
	return p.render(w, status, templates.Carriers(p.frame, v))
}

func carrierLine(c admin.Carrier) templates.CarrierLine {
	line := templates.CarrierLine{Name: c.Name, Kind: c.Kind, Address: c.Address, Default: c.Default, State: c.State, Sessions: c.Sessions, LastError: c.LastError, Warning: c.Warning}
	if c.Bound == nil || c.Figures == nil || c.Pace == nil {
		return line
	}
	f := c.Figures
	line.Served, line.Bound, line.Since, line.BindRefused, line.OutOfTurn = true, *c.Bound, f.Since, f.Refused, f.OutOfTurn
	line.InFlight, line.Window, line.Waiting, line.More = f.InFlight, f.Window, f.Waiting, f.More
	line.PerSecond, line.Limit, line.Slowed = f.PerSecond, c.Pace.Limit, c.Pace.Slowed
	line.Median, line.P95, line.Answers, line.Receipts, line.Delivered = f.Median, f.P95, f.Answers, f.Receipts, f.Delivered
	for _, r := range f.Refusals {
		line.Refusals = append(line.Refusals, templates.RefusalLine(r))
		line.RefusedParts += r.Parts
	}
	return line
}

// newCarrier is what the form for a new carrier says, as an address with its password beside it.
func newCarrier(r *http.Request) (admin.CarrierRequest, error) {
	in := admin.CarrierRequest{Name: form(r, "name"), Default: form(r, "default") != ""}
	if form(r, "kind") == "practice" {
		return in, nil
	}
	host := form(r, "host")
	if host == "" || strings.ContainsAny(host, "/@?#") {
		return in, sms.InvalidField("host", "must be host or host:port")
	}
	scheme := "smpp"
	if form(r, "tls") != "" {
		scheme = "smpps"
	}
	in.Address = (&url.URL{Scheme: scheme, User: url.User(form(r, "system_id")), Host: host}).String()
	if password := r.PostFormValue("password"); password != "" {
		in.Password = &password
	}
	return in, nil
}

func (c *Console) addCarrier(w http.ResponseWriter, r *http.Request, p *page) error {
	v := templates.CarriersView{Name: form(r, "name"), NewKind: form(r, "kind"), Host: form(r, "host"), SystemID: form(r, "system_id"), TLS: form(r, "tls") != "", NewDefault: form(r, "default") != ""}
	again := func(e templates.Errors) error {
		v.Errors = e
		return p.showCarriers(w, http.StatusUnprocessableEntity, v)
	}
	in, err := newCarrier(r)
	if err == nil && form(r, "do") == "test" && in.Address != "" {
		var tried admin.CarrierTried
		if tried, err = ask(p, admin.TryCarrier, admin.CarrierTrial{Address: in.Address, Password: in.Password}); err == nil {
			v.Trial = trialView(tried)
			return p.showCarriers(w, http.StatusOK, v)
		}
	}
	if err == nil {
		err = p.unknownCarrier(in.Name)
	}
	if err == nil {
		err = tell(p, admin.AddCarrier, in)
	}
	if err != nil {
		return p.wrong(w, err, again)
	}
	return p.done(w, r, carrierPath(in.Name), p.T("The carrier is added."))
}

// unknownCarrier refuses a name that is taken: the form for a new carrier changes none that is there.
func (p *page) unknownCarrier(name string) error {
	all, err := ask(p, admin.ListCarriers, admin.Nothing{})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(c admin.Carrier) bool { return c.Name == name }) {
		return &sms.Error{Code: sms.Conflict, Message: "there is a carrier of this name already", Fields: []sms.FieldError{{Field: "name", Message: "is taken"}}}
	}
	return nil
}

func trialView(tried admin.CarrierTried) *templates.TrialView {
	v := &templates.TrialView{Good: tried.Good}
	for _, s := range tried.Steps {
		v.Steps = append(v.Steps, templates.TrialLine{Host: s.Host, Step: s.Step, Good: s.Good, Took: s.Took, Cause: s.Cause, Detail: s.Detail})
	}
	return v
}

func carrierPath(name string) string { return "/operator/carriers/" + url.PathEscape(name) }

// plainParameters have a field of their own; the others stand in one text, a line for each.
var plainParameters = []string{"bind", "window", "sessions", "throughput", "session_throughput"}

func (c *Console) carrier(w http.ResponseWriter, r *http.Request, p *page) error {
	return p.showCarrier(w, http.StatusOK, r.PathValue("name"), nil)
}

func (p *page) showCarrier(w http.ResponseWriter, status int, name string, change func(*templates.CarrierView)) error {
	detail, err := ask(p, admin.ShowCarrier, admin.CarrierName{Name: name})
	if err != nil {
		return err
	}
	v := carrierView(detail)
	if change != nil {
		change(&v)
	}
	return p.render(w, status, templates.Carrier(p.frame, v))
}

func carrierView(d admin.CarrierDetail) templates.CarrierView {
	v := templates.CarrierView{CarrierLine: carrierLine(d.Carrier), Host: d.Host, SystemID: d.SystemID, TLS: d.TLS, HasPassword: d.Password, Errors: templates.Errors{}}
	var others []string
	for _, one := range d.Parameters {
		if slices.Contains(plainParameters, one.Key) {
			v.Plain = append(v.Plain, templates.Setting{Key: one.Key, Value: one.Value})
		} else if one.Value != one.Usual {
			others = append(others, one.Key+"="+one.Value)
		}
	}
	v.Others = strings.Join(others, "\n")
	for _, r := range d.Routes {
		v.Routes = append(v.Routes, routeLine(r))
	}
	return v
}

func (c *Console) changeCarrier(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	before, err := ask(p, admin.ShowCarrier, admin.CarrierName{Name: name})
	if err != nil {
		return err
	}
	in := admin.CarrierSet{Name: name, Pairs: changedPairs(r, before)}
	if password := r.PostFormValue("password"); password != "" {
		in.Password = &password
	}
	if len(in.Pairs) == 0 && in.Password == nil {
		return p.done(w, r, carrierPath(name), p.T("Nothing was changed."))
	}
	after, err := ask(p, admin.SetCarrier, in)
	if err != nil {
		return p.carrierWrong(w, r, err)
	}
	notice := p.T("The carrier is changed; its sessions stay bound.")
	if after.Rebinds {
		notice = p.T("The carrier is changed; its sessions bind anew.")
	}
	return p.done(w, r, carrierPath(name), notice)
}

// carrierWrong shows the form again, as it was filled in.
func (p *page) carrierWrong(w http.ResponseWriter, r *http.Request, err error) error {
	return p.wrong(w, err, func(e templates.Errors) error {
		return p.showCarrier(w, http.StatusUnprocessableEntity, r.PathValue("name"), func(v *templates.CarrierView) {
			v.Errors, v.Host, v.SystemID, v.TLS, v.Others = e, form(r, "host"), form(r, "system_id"), form(r, "tls") != "", r.PostFormValue("others")
			for i := range v.Plain {
				v.Plain[i].Value = form(r, v.Plain[i].Key)
			}
		})
	})
}

// changedPairs is what differs between a carrier and the form.
func changedPairs(r *http.Request, before admin.CarrierDetail) (pairs []string) {
	set := func(key, was, is string) {
		if was != is {
			pairs = append(pairs, key+"="+is)
		}
	}
	yes := func(is bool) string {
		if is {
			return "true"
		}
		return "false"
	}
	set("default", yes(before.Default), yes(form(r, "default") != ""))
	if before.Host != "" {
		set("tls", yes(before.TLS), yes(form(r, "tls") != ""))
		set("host", before.Host, form(r, "host"))
		set("system_id", before.SystemID, form(r, "system_id"))
	}
	given := map[string]string{}
	var order []string
	for line := range strings.Lines(r.PostFormValue("others")) {
		if key, value, _ := strings.Cut(strings.TrimSpace(line), "="); key != "" {
			given[key] = value
			order = append(order, key)
		}
	}
	for _, one := range before.Parameters {
		value, ok := given[one.Key]
		switch {
		case slices.Contains(plainParameters, one.Key):
			set(one.Key, one.Value, form(r, one.Key))
		case ok:
			set(one.Key, one.Value, value)
		case one.Value != one.Usual:
			pairs = append(pairs, one.Key+"=")
		}
		delete(given, one.Key)
	}
	for _, key := range order { // what is no parameter is told by its name
		if value, left := given[key]; left {
			pairs = append(pairs, key+"="+value)
		}
	}
	return pairs
}

func (c *Console) testCarrier(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	tried, err := ask(p, admin.TryCarrier, admin.CarrierTrial{Name: name})
	if err != nil {
		return err
	}
	return p.showCarrier(w, http.StatusOK, name, func(v *templates.CarrierView) { v.Trial = trialView(tried) })
}

func (c *Console) orderCarrier(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	done, err := ask(p, admin.OrderCarrier, admin.CarrierOrder{Name: name, State: form(r, "state")})
	if err != nil {
		return err
	}
	notice := p.T("The carrier is active.")
	switch {
	case done.State == "draining" && done.Alone:
		notice = p.T("The carrier is being drained. No other takes all that it took: what nobody takes is refused.")
	case done.State == "draining":
		notice = p.T("The carrier is being drained: it gets nothing new.")
	case done.State == "disabled" && done.Alone:
		notice = p.T("The carrier is disabled. No other takes all that it took: what nobody takes waits.")
	case done.State == "disabled":
		notice = p.T("The carrier is disabled: what waits for it goes another way after half a minute.")
	}
	return p.done(w, r, carrierPath(name), notice)
}

func (c *Console) removeCarrier(w http.ResponseWriter, r *http.Request, p *page) error {
	name := r.PathValue("name")
	if form(r, "confirm") != name {
		return p.showCarrier(w, http.StatusUnprocessableEntity, name, func(v *templates.CarrierView) {
			v.Errors["confirm"] = p.T("must be the name of the carrier")
		})
	}
	if err := tell(p, admin.RemoveCarrier, admin.CarrierName{Name: name}); err != nil {
		return err
	}
	return p.done(w, r, "/operator/carriers", p.T("The carrier %s is removed.", name))
}
