package draintest

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTOML(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      `{}`,
		"a = 1 # one\nb = -2\nc = 1_000":        `{"a":1,"b":-2,"c":1000}`,
		"a = true\nb = 0.5\n":                   `{"a":true,"b":0.5}`,
		`a = "x\ty\u00e9\"" ` + "\nb = 'c:\\d'": `{"a":"x\tyé\"","b":"c:\\d"}`,
		"a = \"\"\"\none\n  two \\\n   three\"\"\"": `{"a":"one\n  two three"}`,
		"a = '''\nx'y'''":                   `{"a":"x'y"}`,
		"a = [1, 2,\n 3, # more\n]":         `{"a":[1,2,3]}`,
		"a.b.\"c d\" = 1":                   `{"a":{"b":{"c d":1}}}`,
		"[a.b]\nc = 1\n[a]\nd = 2":          `{"a":{"b":{"c":1},"d":2}}`,
		"[[a]]\nb = 1\n[[a]]\n[[a.c]]\nd=2": `{"a":[{"b":1},{"c":[{"d":2}]}]}`,
		"a = { b = 1, c.d = [] }\r\n":       `{"a":{"b":1,"c":{"d":[]}}}`,
	} {
		v, err := parseTOML(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, _ := json.Marshal(v); string(got) != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"a = \"x\nb = 1":    "line 1: a string ends with its line",
		"a = 1\n\nb":        "line 3: expected = after key b",
		"a = 1 b = 2":       "line 1: expected newline",
		"[a\nb = 1":         "line 1: expected ] after a table's name",
		"a = 1\na = 2":      "line 2: key a is already defined",
		"a = 1979-05-27":    "line 1: invalid value",
		"a = ":              "line 1: invalid value",
		"a = [1 2]":         "line 1: expected , or ] in an array",
		"a = 1\n[a]":        "line 2: key a is already defined",
		"= 1":               "line 1: expected a key",
		"a = '''\nx":        "line 2: a string has no end",
		`a = "\q"`:          "line 1: invalid escape in a string",
		"a = {b = 1 c = 2}": "line 1: expected , or } in an inline table",
	} {
		if _, err := parseTOML(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzTOML(f *testing.F) {
	f.Add("a = 1\n[b]\nc = ['x', {d = \"e\"}]\n[[f.g]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := parseTOML(text); err == nil {
			if _, err := readToml("fly.toml", text); err != nil {
				t.Errorf("%v: %v", v, err)
			}
		}
	})
}
