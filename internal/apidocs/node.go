package apidocs

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/pb33f/go-yaml"
)

// node is a place in the description; nil is one that is not there. Members keep their order.
type node struct {
	*yaml.Node
	root *yaml.Node
}

func parse(text []byte) (node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return node{}, err
	}
	if len(document.Content) != 1 {
		return node{}, errors.New("there is nothing in it")
	}
	root := document.Content[0]
	return node{root, root}, nil
}

// at is a member, with references followed.
func (n node) at(path ...string) node {
	n = n.followed()
	for _, name := range path {
		found := node{root: n.root}
		for _, m := range n.members() {
			if m.name == name {
				found = m.value
			}
		}
		n = found.followed()
	}
	return n
}

type member struct {
	name  string
	value node
}

func (n node) members() (all []member) {
	if n.Node == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, member{n.Content[i].Value, node{n.Content[i+1], n.root}})
	}
	return all
}

func (n node) items() (all []node) {
	if n.Node == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range n.Content {
		all = append(all, node{item, n.root})
	}
	return all
}

// followed is what a reference of the form '#/a/b' refers to.
func (n node) followed() node {
	for _, m := range n.members() {
		if path, ok := strings.CutPrefix(m.value.Value, "#/"); m.name == "$ref" && ok {
			return node{n.root, n.root}.at(strings.Split(path, "/")...)
		}
	}
	return n
}

func (n node) text() string {
	if n.Node == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// words are the texts of a list, or the one text.
func (n node) words() (all []string) {
	for _, item := range n.items() {
		all = append(all, item.text())
	}
	if text := n.text(); text != "" {
		all = append(all, text)
	}
	return all
}

// json writes a value as people write JSON.
func (n node) json(indent string) string {
	n = n.followed()
	deeper := indent + "  "
	var parts []string
	for _, m := range n.members() {
		parts = append(parts, quoted(m.name)+": "+m.value.json(deeper))
	}
	for _, item := range n.items() {
		parts = append(parts, item.json(deeper))
	}
	switch {
	case n.Node == nil:
		return "null"
	case n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!bool" || n.Tag == "!!null"):
		return n.Value
	case n.Kind == yaml.ScalarNode:
		return quoted(n.Value)
	}
	open, end := "{", "}"
	if n.Kind == yaml.SequenceNode {
		open, end = "[", "]"
	}
	if line := open + strings.Join(parts, ", ") + end; len(line) < 72 && !strings.Contains(line, "\n") {
		return line
	}
	return open + "\n" + deeper + strings.Join(parts, ",\n"+deeper) + "\n" + indent + end
}

func quoted(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always can
	return strings.TrimSpace(b.String())
}
