package draintest

import (
	"fmt"
	"strconv"
	"strings"
)

// parseTOML reads the TOML that fly.toml files are written in: tables, arrays of
// tables, dotted and quoted keys, strings, numbers, booleans, arrays, inline
// tables. Dates are refused. Broken syntax is an error with its line.
func parseTOML(text string) (map[string]any, error) {
	p := &tomlParser{text: text, line: 1}
	root := map[string]any{}
	table := root
	for {
		p.blank(true)
		if p.text == "" {
			return root, nil
		}
		var err error
		switch {
		case strings.HasPrefix(p.text, "[["):
			table, err = p.header(root, "[[", "]]")
		case p.text[0] == '[':
			table, err = p.header(root, "[", "]")
		default:
			err = p.pair(table)
		}
		if err == nil {
			p.blank(false)
			if p.text != "" && p.text[0] != '\n' {
				err = fmt.Errorf("expected newline")
			}
		}
		if err != nil {
			return nil, fmt.Errorf("toml: line %d: %w", p.line, err)
		}
	}
}

type tomlParser struct {
	text string // what is left
	line int
}

func (p *tomlParser) take(n int) string {
	s := p.text[:n]
	p.text = p.text[n:]
	p.line += strings.Count(s, "\n")
	return s
}

func (p *tomlParser) eat(s string) bool {
	if strings.HasPrefix(p.text, s) {
		p.take(len(s))
		return true
	}
	return false
}

// blank skips blanks and comments, and line ends where they mean nothing.
func (p *tomlParser) blank(lines bool) {
	for p.text != "" {
		switch c := p.text[0]; {
		case c == ' ' || c == '\t' || c == '\r' || lines && c == '\n':
			p.take(1)
		case c == '#':
			n := strings.IndexByte(p.text, '\n')
			if n < 0 {
				n = len(p.text)
			}
			p.take(n)
		default:
			return
		}
	}
}

func (p *tomlParser) header(root map[string]any, open, end string) (map[string]any, error) {
	p.eat(open)
	path, err := p.key()
	if err != nil {
		return nil, err
	}
	if p.blank(false); !p.eat(end) {
		return nil, fmt.Errorf("expected %s after a table's name", end)
	}
	last := len(path) - 1
	table, err := descend(root, path[:last])
	if err != nil {
		return nil, err
	}
	if open == "[" {
		return descend(table, path[last:])
	}
	list, ok := table[path[last]].([]any)
	if !ok && table[path[last]] != nil {
		return nil, fmt.Errorf("key %s is already defined", path[last])
	}
	item := map[string]any{}
	table[path[last]] = append(list, item)
	return item, nil
}

// descend goes into tables, and into the last of an array of them.
func descend(table map[string]any, path []string) (map[string]any, error) {
	for _, k := range path {
		switch v := table[k].(type) {
		case nil:
			next := map[string]any{}
			table[k] = next
			table = next
		case map[string]any:
			table = v
		case []any:
			item, ok := v[len(v)-1].(map[string]any)
			if !ok {
				return nil, fmt.Errorf("key %s is not a table", k)
			}
			table = item
		default:
			return nil, fmt.Errorf("key %s is already defined", k)
		}
	}
	return table, nil
}

func (p *tomlParser) pair(table map[string]any) error {
	path, err := p.key()
	if err != nil {
		return err
	}
	if p.blank(false); !p.eat("=") {
		return fmt.Errorf("expected = after key %s", strings.Join(path, "."))
	}
	p.blank(false)
	v, err := p.value()
	if err != nil {
		return err
	}
	last := len(path) - 1
	if table, err = descend(table, path[:last]); err != nil {
		return err
	}
	if _, twice := table[path[last]]; twice {
		return fmt.Errorf("key %s is already defined", path[last])
	}
	table[path[last]] = v
	return nil
}

func (p *tomlParser) key() ([]string, error) {
	var path []string
	for {
		p.blank(false)
		var part string
		if p.text != "" && (p.text[0] == '"' || p.text[0] == '\'') {
			v, err := p.value()
			if err != nil {
				return nil, err
			}
			part = v.(string)
		} else {
			n := strings.IndexFunc(p.text, func(r rune) bool {
				return !(r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
			})
			if n < 0 {
				n = len(p.text)
			}
			if n == 0 {
				return nil, fmt.Errorf("expected a key")
			}
			part = p.take(n)
		}
		path = append(path, part)
		if p.blank(false); !p.eat(".") {
			return path, nil
		}
	}
}

func (p *tomlParser) value() (any, error) {
	for _, q := range []string{`"""`, `'''`, `"`, `'`} {
		if p.eat(q) {
			return p.quoted(q)
		}
	}
	switch {
	case p.eat("["):
		return p.array()
	case p.eat("{"):
		return p.inline()
	}
	n := strings.IndexAny(p.text, ",]}# \t\r\n")
	if n < 0 {
		n = len(p.text)
	}
	word := strings.ReplaceAll(p.take(n), "_", "")
	if word == "true" || word == "false" {
		return word == "true", nil
	}
	if i, err := strconv.ParseInt(word, 0, 64); err == nil {
		return i, nil
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		return f, nil
	}
	return nil, fmt.Errorf("invalid value %q", word)
}

func (p *tomlParser) quoted(q string) (any, error) {
	long := len(q) == 3
	if long {
		p.eat("\n")
	}
	var b strings.Builder
	for p.text != "" {
		switch c := p.text[0]; {
		case p.eat(q):
			return b.String(), nil
		case c == '\n' && !long:
			return nil, fmt.Errorf("a string ends with its line")
		case c == '\\' && q[0] == '"':
			if err := p.escape(&b, long); err != nil {
				return nil, err
			}
		default:
			b.WriteString(p.take(1))
		}
	}
	return nil, fmt.Errorf("a string has no end")
}

func (p *tomlParser) escape(b *strings.Builder, long bool) error {
	if long && len(p.text) > 1 && p.text[1] == '\n' {
		p.take(1)
		p.text = strings.TrimLeft(p.text, " \t\r\n")
		return nil
	}
	r, _, rest, err := strconv.UnquoteChar(p.text, '"')
	if err != nil {
		return fmt.Errorf("invalid escape in a string")
	}
	b.WriteRune(r)
	p.text = rest
	return nil
}

func (p *tomlParser) array() (any, error) {
	list := []any{}
	for {
		if p.blank(true); p.eat("]") {
			return list, nil
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if p.blank(true); !p.eat(",") && !strings.HasPrefix(p.text, "]") {
			return nil, fmt.Errorf("expected , or ] in an array")
		}
	}
}

func (p *tomlParser) inline() (any, error) {
	table := map[string]any{}
	for {
		if p.blank(false); p.eat("}") {
			return table, nil
		}
		if err := p.pair(table); err != nil {
			return nil, err
		}
		if p.blank(false); !p.eat(",") && !strings.HasPrefix(p.text, "}") {
			return nil, fmt.Errorf("expected , or } in an inline table")
		}
	}
}
