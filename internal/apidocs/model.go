package apidocs

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// page is what the template shows.
type page struct {
	Title, Version, Summary string
	Description             template.HTML
	Groups                  []*group
}

type group struct {
	Name, Description string
	Operations        []operation
}

type operation struct {
	ID, Method, Path, Summary string
	Description               template.HTML
	Open                      bool // no credentials
	Parameters, Body          []field
	Request                   string // an example
	Answers                   []answer
	Errors                    string
}

// field is a parameter, or a member of a body; Depth is how deep it stands in others.
type field struct {
	Name, Kind, Place string
	Required          bool
	Depth             int
	Description       template.HTML
}

type answer struct {
	Status      string
	Description template.HTML
	Fields      []field
	Example     string
}

// deepest is how deep members of members are shown.
const deepest = 3

func pageOf(root node) page {
	info := root.at("info")
	p := page{Title: info.at("title").text(), Version: info.at("version").text(), Summary: info.at("summary").text(),
		Description: markdown(info.at("description").text())}
	for _, tag := range root.at("tags").items() {
		p.Groups = append(p.Groups, &group{Name: tag.at("name").text(), Description: tag.at("description").text()})
	}
	for _, path := range root.at("paths").members() {
		for _, m := range path.value.members() {
			if o := operationOf(path.name, m.name, m.value); o.ID != "" {
				p.add(m.value.at("tags").words(), o)
			}
		}
	}
	for _, event := range root.at("webhooks").members() {
		for _, m := range event.value.members() {
			if o := operationOf("your URL", m.name, m.value); o.ID != "" {
				p.add(m.value.at("tags").words(), o)
			}
		}
	}
	return p
}

func (p *page) add(tags []string, o operation) {
	for _, g := range p.Groups {
		if slices.Contains(tags, g.Name) {
			g.Operations = append(g.Operations, o)
			return
		}
	}
	p.Groups = append(p.Groups, &group{Name: strings.Join(tags, " "), Operations: []operation{o}})
}

func operationOf(path, method string, n node) operation {
	o := operation{ID: n.at("operationId").text(), Method: strings.ToUpper(method), Path: path, Summary: n.at("summary").text(),
		Description: markdown(n.at("description").text())}
	o.Open = n.at("security").Node != nil && len(n.at("security").items()) == 0
	for _, parameter := range n.at("parameters").items() {
		parameter = parameter.followed()
		o.Parameters = append(o.Parameters, field{Name: parameter.at("name").text(), Place: parameter.at("in").text(), Kind: kind(parameter.at("schema")),
			Required: parameter.at("required").text() == "true", Description: markdown(parameter.at("description").text())})
	}
	for _, content := range n.at("requestBody", "content").members() {
		o.Body = fields(content.value.at("schema"), 0)
		o.Request = example(content.value)
		break
	}
	var errors []string
	for _, response := range n.at("responses").members() {
		if response.name >= "400" {
			errors = append(errors, response.name)
			continue
		}
		o.Answers = append(o.Answers, answerOf(response.name, response.value.followed()))
	}
	o.Errors = strings.Join(errors, ", ")
	return o
}

func answerOf(status string, n node) answer {
	a := answer{Status: status, Description: markdown(n.at("description").text())}
	for _, content := range n.at("content").members() {
		a.Fields, a.Example = fields(content.value.at("schema"), 0), example(content.value)
		break
	}
	return a
}

// StatusText is what a status is called.
func (a answer) StatusText() string {
	var code int
	for _, digit := range a.Status {
		code = code*10 + int(digit-'0')
	}
	return http.StatusText(code)
}

// example is the one example, or the first of several.
func example(content node) string {
	if one := content.at("example"); one.Node != nil {
		return one.json("")
	}
	for _, m := range content.at("examples").members() {
		return m.value.at("value").json("")
	}
	return ""
}

// fields are the members of an object, or of the objects in a list, with theirs.
func fields(schema node, depth int) (all []field) {
	schema = schema.followed()
	if schema.at("type").text() == "array" {
		schema = schema.at("items")
	}
	for _, part := range append(schema.at("allOf").items(), schema) {
		part = part.followed()
		required := part.at("required").words()
		for _, m := range part.at("properties").members() {
			s := m.value.followed()
			all = append(all, field{Name: m.name, Kind: kind(s), Required: slices.Contains(required, m.name), Depth: depth,
				Description: markdown(s.at("description").text())})
			if depth+1 < deepest {
				all = append(all, fields(s, depth+1)...)
			}
		}
	}
	return all
}

// kind is the type of a value, in words.
func kind(schema node) string {
	schema = schema.followed()
	words := schema.at("type").words()
	if text := schema.at("type").text(); text == "array" {
		return "list of " + kind(schema.at("items"))
	}
	if values := schema.at("enum").words(); len(values) > 0 {
		return strings.Join(values, " | ")
	}
	if value := schema.at("const").text(); value != "" {
		return value
	}
	text := strings.Join(words, " or ")
	if format := schema.at("format").text(); format != "" {
		text += ", " + format
	}
	if text == "" {
		return "any"
	}
	return text
}
