package safe

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatOthersSayIsPrintable(t *testing.T) {
	v := struct {
		Text  string
		Lists []struct{ Why string }
		own   string
	}{"a\x1b[2J", []struct{ Why string }{{"b\nc"}}, "d\x1b"}
	In(&v)
	if v.Text != Line(errors.New("a\x1b[2J")) || strings.ContainsAny(v.Text+v.Lists[0].Why, "\x1b\n") || v.own != "d\x1b" {
		t.Errorf("%q", v)
	}
	if got := Text("a\nb"); got != "a\nb" {
		t.Errorf("the lines of a text are lost: %q", got)
	}
	cause := errors.New("why")
	if err := Error(cause); !errors.Is(err, cause) || Error(nil) != nil || !errors.Is(Foreign(cause), cause) {
		t.Errorf("the cause is lost: %v", err)
	}
}
