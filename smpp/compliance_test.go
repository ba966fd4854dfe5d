package smpp

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// compliance is docs/compliance.md as tables: by heading, the cells of each row.
func compliance(t *testing.T) map[string][][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "compliance.md"))
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][][]string{}
	for section := range strings.SplitSeq(string(text), "\n## ") {
		heading, body, _ := strings.Cut(section, "\n")
		for line := range strings.Lines(body) {
			if strings.HasPrefix(line, "| `") {
				tables[heading] = append(tables[heading], strings.Split(strings.Trim(strings.TrimSpace(line), "| "), " | "))
			}
		}
	}
	return tables
}

var inBackticks = regexp.MustCompile("`([^`]+)`")

// names are what stands in backticks in a cell.
func names(cell string) (all []string) {
	for _, m := range inBackticks.FindAllStringSubmatch(cell, -1) {
		all = append(all, m[1])
	}
	return all
}

// TestCompliance: docs/compliance.md has every PDU, field, optional parameter and status of this package once.
func TestCompliance(t *testing.T) {
	tables := compliance(t)
	var pdus, tlvs, statuses []string
	for _, id := range commands() {
		pdus = append(pdus, id.String())
	}
	for _, value := range constants(t, "tlv_tag.go", "TLVTag") {
		tlvs = append(tlvs, TLVTag(value).String())
	}
	for _, value := range constants(t, "status.go", "CommandStatus") {
		statuses = append(statuses, CommandStatus(value).String())
	}
	for heading, want := range map[string][]string{"PDUs": pdus, "Optional parameters": tlvs, "command_status": statuses} {
		var got []string
		for _, row := range tables[heading] {
			got = append(got, names(row[0])...)
		}
		slices.Sort(want)
		slices.Sort(got)
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s: %s is missing", heading, name)
			}
		}
		for i, name := range got {
			if !slices.Contains(want, name) || i > 0 && got[i-1] == name {
				t.Errorf("%s: %s is too much", heading, name)
			}
		}
	}
	of := map[string][]string{}
	for _, row := range tables["Fields"] {
		of[names(row[0])[0]] = append(names(row[1]), row[1])
	}
	for pdu, fields := range fieldsOfAll() {
		for _, field := range fields {
			if !slices.Contains(of[field], pdu) {
				t.Errorf("Fields: %s of %s is missing", field, pdu)
			}
		}
	}
}

// constants are the values of a type in a file of this package.
func constants(t *testing.T, file, kind string) (values []uint32) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != kind {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			values = append(values, parseHex(t, literal.Value))
		}
		return true
	})
	if len(values) < 40 {
		t.Fatalf("%s has only %d of %s", file, len(values), kind)
	}
	return values
}

func parseHex(t *testing.T, literal string) (value uint32) {
	t.Helper()
	for _, digit := range strings.ToLower(strings.TrimPrefix(literal, "0x")) {
		i := strings.IndexRune("0123456789abcdef", digit)
		if i < 0 {
			t.Fatal(literal)
		}
		value = value<<4 | uint32(i)
	}
	return value
}

// fieldsOfAll are the mandatory fields of each PDU, in the spelling of the specification.
func fieldsOfAll() map[string][]string {
	all := map[string][]string{}
	for _, id := range commands() {
		all[id.String()] = fieldsOf(reflect.TypeOf(New(id)).Elem())
	}
	return all
}

func fieldsOf(kind reflect.Type) (fields []string) {
	for i := range kind.NumField() {
		f := kind.Field(i)
		switch f.Name {
		case "TLVs", "Type": // they are no fields
			continue
		case "DestAddresses":
			fields = append(append(fields, "number_of_dests", "dest_address"), fieldsOf(f.Type.Elem())...)
			continue
		case "UnsuccessSMEs":
			fields = append(append(fields, "no_unsuccess", "unsuccess_sme"), fieldsOf(f.Type.Elem())...)
			continue
		case "ShortMessage":
			fields = append(fields, "sm_length")
		}
		fields = append(fields, snake(f.Name))
	}
	return fields
}

var seams = regexp.MustCompile("([a-z])([A-Z])|([A-Z])([A-Z][a-z])")

// snake writes SMDefaultMsgID as sm_default_msg_id.
func snake(name string) string {
	return strings.ToLower(seams.ReplaceAllString(name, "${1}${3}_${2}${4}"))
}

var testName = regexp.MustCompile("^((?:Test|Fuzz)[A-Za-z0-9_]+)(?:/([a-z-]+))?$")

// TestComplianceIsTested: every row of docs/compliance.md names tests, and every test that it and docs/interop.md name is
// in the package before it.
func TestComplianceIsTested(t *testing.T) {
	for heading, rows := range compliance(t) {
		for _, row := range rows {
			if last := row[len(row)-1]; !strings.Contains(last, "`Test") {
				t.Errorf("%s: no test of %s", heading, row[0])
			}
		}
	}
	for _, page := range []string{"compliance.md", "interop.md"} {
		text, err := os.ReadFile(filepath.Join("..", "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		if n := checkTests(t, names(string(text))); n < 10 {
			t.Errorf("%s names only %d tests", page, n)
		}
	}
}

// checkTests looks for tests in the packages that are named before them.
func checkTests(t *testing.T, names []string) (tests int) {
	t.Helper()
	code, in := "", ""
	for _, name := range names {
		if isPackage(name) {
			in, code = name, testCode(t, name)
			continue
		}
		m := testName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		tests++
		if !strings.Contains(code, "\nfunc "+m[1]+"(") {
			t.Errorf("there is no %s in %s", name, in)
		} else if m[2] != "" {
			if _, err := os.Stat(filepath.Join("..", in, "testdata", m[2]+".txtar")); err != nil {
				t.Error(err)
			}
		}
	}
	return tests
}

func isPackage(name string) bool {
	return name == "smpp" || name == "proof" || strings.HasPrefix(name, "internal/") || strings.HasPrefix(name, "cmd/")
}

// testCode is the text of all test files of a package.
func testCode(t *testing.T, folder string) (code string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code += string(text)
	}
	return code
}

// TestEveryTLVPasses: a parameter that says nothing to us comes through, in whatever PDU it stands.
func TestEveryTLVPasses(t *testing.T) {
	for _, value := range constants(t, "tlv_tag.go", "TLVTag") {
		tag, octets := TLVTag(value), []byte{1, 0}
		for _, p := range []PDU{&SubmitSM{TLVs: TLVs{{tag, octets}}}, &DeliverSM{TLVs: TLVs{{tag, octets}}}, &DataSM{TLVs: TLVs{{tag, octets}}}} {
			body, err := p.AppendBody(nil)
			if err != nil {
				t.Fatal(err)
			}
			again := New(p.CommandID())
			if err := again.DecodeBody(Header{ID: p.CommandID()}, body); err != nil {
				t.Errorf("%v in %v: %v", tag, p.CommandID(), err)
			}
			var got TLVs
			switch p := again.(type) {
			case *SubmitSM:
				got = p.TLVs
			case *DeliverSM:
				got = p.TLVs
			case *DataSM:
				got = p.TLVs
			}
			if v, ok := got.Get(tag); !ok || string(v) != string(octets) {
				t.Errorf("%v in %v: %x", tag, p.CommandID(), v)
			}
		}
	}
}
