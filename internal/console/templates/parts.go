package templates

import "github.com/a-h/templ"

// Errors are what is wrong with a form, by field; "" is the form as a whole.
type Errors map[string]string

// FieldView is one input of a form.
type FieldView struct {
	Name     string
	ID       string // when the name stands more than once on the page; else the name
	Label    string
	Value    string
	Type     string // of input; empty: text
	Hint     string
	Error    string
	Optional string // "optional", in the viewer's language
	Rows     int    // more than 0: a textarea
	Required bool
	Complete string           // autocomplete
	More     templ.Attributes // such as inputmode, maxlength or hx-…
}

// Option is one of a Select.
type Option struct{ Value, Text string }

func (v FieldView) id() string {
	if v.ID != "" {
		return v.ID
	}
	return v.Name
}

func (v FieldView) attributes() templ.Attributes {
	all := templ.Attributes{"id": v.id(), "name": v.Name, "required": v.Required}
	if v.Type != "" {
		all["type"] = v.Type
	}
	if v.Complete != "" {
		all["autocomplete"] = v.Complete
	}
	described := ""
	if v.Hint != "" {
		described = v.id() + "-hint"
	}
	if v.Error != "" {
		all["aria-invalid"] = "true"
		described += " " + v.id() + "-error"
	}
	if described != "" {
		all["aria-describedby"] = described
	}
	for name, value := range v.More {
		all[name] = value
	}
	return all
}
