package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"github.com/staffetta/staffetta/api"
)

// described is the contract as the tests hold the server against it.
type described struct {
	model     *v3.Document
	validator validator.Validator
	mu        sync.Mutex
}

var contractOf = sync.OnceValue(func() *described {
	document, err := libopenapi.NewDocument(api.OpenAPI)
	if err != nil {
		panic(err)
	}
	model, err := document.BuildV3Model()
	if err != nil {
		panic(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		panic(errs)
	}
	return &described{model: &model.Model, validator: v}
})

// asked is operation for a request; a path of the contract with {…} in it matches as ServeMux does.
func (c *described) asked(r *http.Request) *v3.Operation {
	if found := c.operation(r.Method, r.URL.EscapedPath()); found != nil {
		return found
	}
	escaped := strings.Split(r.URL.EscapedPath(), "/")
	for path := range c.model.Paths.PathItems.KeysFromOldest() {
		if pattern := strings.Split(path, "/"); matches(pattern, escaped) {
			return c.operation(r.Method, path)
		}
	}
	return nil
}

func matches(pattern, path []string) bool {
	if len(pattern) != len(path) {
		return false
	}
	for i, p := range pattern {
		if p != path[i] && (path[i] == "" || !strings.HasPrefix(p, "{")) {
			return false
		}
	}
	return true
}

// operation is what the contract says of a method and path; nil when it does not have them.
func (c *described) operation(method, path string) *v3.Operation {
	item, ok := c.model.Paths.PathItems.Get(path)
	if !ok || method != strings.ToUpper(method) {
		return nil
	}
	operation, _ := item.GetOperations().Get(strings.ToLower(method))
	return operation
}

// holdAgainstContract reports an answer that the contract does not have: its code, its headers or its body. It
// knows the answers of other paths and methods by their form alone.
func holdAgainstContract(t testing.TB, r *http.Request, a answer) {
	t.Helper()
	c := contractOf()
	if c.asked(r) == nil {
		if a.status != 404 && a.status != 405 && a.status != 204 && r.Method != http.MethodHead {
			t.Errorf("%s %s is answered with %d and not in the contract", r.Method, r.URL.Path, a.status)
		}
		return
	}
	for name := range a.header {
		if strings.HasPrefix(name, "X-") && !c.hasHeader(r, a.status, name) {
			t.Errorf("the contract of %s %s has no header %s with %d", r.Method, r.URL.Path, name, a.status)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	response := &http.Response{StatusCode: a.status, Header: a.header, Request: r,
		Body: io.NopCloser(bytes.NewReader([]byte(a.body)))}
	if ok, errs := c.validator.ValidateHttpResponse(r, response); !ok {
		for _, err := range errs {
			t.Errorf("%s %s: %d is not in the contract: %s; %s: %s", r.Method, r.URL.Path, a.status, err.Message, err.Reason, a.body)
		}
	}
}

func (c *described) hasHeader(r *http.Request, status int, name string) bool {
	response := c.asked(r).Responses.FindResponseByCode(status)
	if response == nil {
		return false
	}
	for declared := range response.Headers.KeysFromOldest() {
		if strings.EqualFold(declared, name) {
			return true
		}
	}
	return false
}

func TestContractIsValid(t *testing.T) {
	if ok, errs := contractOf().validator.ValidateDocument(); !ok {
		t.Error(errs)
	}
}

// Each route stands in the contract, and the contract has nothing else.
func TestContractHasTheRoutes(t *testing.T) {
	c := contractOf()
	described := 0
	for _, item := range c.model.Paths.PathItems.FromOldest() {
		described += item.GetOperations().Len()
	}
	if described != len(routes) {
		t.Errorf("the contract has %d operations, the table %d routes", described, len(routes))
	}
	for _, route := range routes {
		operation := c.operation(route.method, route.path)
		if operation == nil {
			t.Errorf("%s %s is not in the contract", route.method, route.path)
			continue
		}
		if open := len(operation.Security) == 0 && operation.Security != nil; open != (route.needs == "") {
			t.Errorf("%s %s: open in the contract %v, in the table %v", route.method, route.path, open, route.needs == "")
		}
		needed := []int{405}
		if route.needs != "" {
			needed = []int{400, 401, 403, 405, 429, 500, 503}
		}
		for _, status := range needed {
			if operation.Responses.FindResponseByCode(status) == nil {
				t.Errorf("%s %s has no %d in the contract", route.method, route.path, status)
			}
		}
	}
}

// The examples of the contract are requests that the contract and the door take.
func TestContractExamples(t *testing.T) {
	w := open(t, nil)
	c := contractOf()
	operation := c.operation(http.MethodPost, sendPath)
	media, _ := operation.RequestBody.Content.Get("application/json")
	if media.Examples.Len() < 2 {
		t.Fatal("there are no examples")
	}
	for name, example := range media.Examples.FromOldest() {
		text := yamlToJSON(t, example.Value)
		if a := w.send(text); a.status != 200 {
			t.Errorf("example %s: %d %s", name, a.status, a.body)
		}
		r := w.request(http.MethodPost, sendPath, text)
		if ok, errs := c.validator.ValidateHttpRequestSync(r); !ok {
			t.Errorf("example %s: %v", name, errs)
		}
	}
}

// A validator that passes everything would let every test above pass.
func TestContractRefuses(t *testing.T) {
	r, _ := http.NewRequest(http.MethodGet, "http://host"+statusPath+"/m-1?channel=SMS", nil)
	header := http.Header{"Content-Type": {jsonType}, "X-Request-Id": {"0123456789abcdef"}}
	for name, a := range map[string]answer{
		"no member":     {200, header, `{"messageId":"m-1"}`},
		"code":          {418, header, `{}`},
		"wrong type":    {404, header, `{"status":"404","error":"","message":"","requestId":""}`},
		"unknown state": {200, header, strings.ReplaceAll(deliveredJSON, "DELIVERED", "LOST")},
		"header":        {200, http.Header{"Content-Type": {jsonType}, "X-Other": {""}}, deliveredJSON},
	} {
		probe := &probe{TB: t}
		if holdAgainstContract(probe, r, a); !probe.failed {
			t.Errorf("%s: the contract took it", name)
		}
	}
}

// probe is a test that only notes that it failed.
type probe struct {
	testing.TB
	failed bool
}

func (p *probe) Errorf(string, ...any) { p.failed = true }
func (p *probe) Helper()               {}

func yamlToJSON(t *testing.T, node interface{ Decode(any) error }) string {
	t.Helper()
	var value any
	if err := node.Decode(&value); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
