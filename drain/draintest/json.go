package draintest

import "encoding/json"

// printed is a value as flyctl prints it as JSON.
func printed(v any) ([]byte, error) {
	compact, err := json.Marshal(v)
	return append(indented(compact), '\n'), err
}

// indented is what json.MarshalIndent makes of JSON without blanks, at a tenth of
// the cost: a drain of days lists a thousand machines thousands of times.
func indented(compact []byte) []byte {
	out := make([]byte, 0, 2*len(compact))
	depth := 0
	line := func(deeper int) {
		depth += deeper
		out = append(out, '\n')
		for range depth {
			out = append(out, "    "...)
		}
	}
	for rest := compact; len(rest) > 0; {
		n := 1
		switch c := rest[0]; c {
		case '"':
			n = quoted(rest)
			out = append(out, rest[:n]...)
		case '{', '[':
			if out = append(out, c); rest[1] == '}' || rest[1] == ']' {
				out, n = append(out, rest[1]), 2
			} else {
				line(1)
			}
		case '}', ']':
			line(-1)
			out = append(out, c)
		case ',':
			out = append(out, c)
			line(0)
		case ':':
			out = append(out, ':', ' ')
		default:
			out = append(out, c)
		}
		rest = rest[n:]
	}
	return out
}

// quoted is the length of the string that JSON begins with.
func quoted(text []byte) int {
	for n := 1; ; n++ {
		switch text[n] {
		case '\\':
			n++
		case '"':
			return n + 1
		}
	}
}
