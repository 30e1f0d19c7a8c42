// Package safe makes what leaves the program, as an event, a report, a plan or an error,
// safe to print: a machine, flyctl or a user's flag may have said some of it. And it makes
// functions of the user's safe to call.
package safe

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// In makes each text in what v points to as flyctl.Printable does.
func In(v any) { in(reflect.ValueOf(v).Elem()) }

func in(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if text := flyctl.Printable(v.String()); text != v.String() {
			v.SetString(text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			in(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() { // a Reading makes its own text safe
				in(v.Field(i))
			}
		}
	}
}

// Text makes a text of several lines safe.
func Text(text any) string {
	var b strings.Builder
	fmt.Fprint(flyctl.Printer(&b), text)
	return b.String()
}

// Line is an error's text, safe, and without line breaks.
func Line(err error) string { return flyctl.Printable(err.Error()) }

// safeError is an error with another text.
type safeError struct {
	error
	text string
}

func (e safeError) Error() string { return e.text }
func (e safeError) Unwrap() error { return e.error }

// Error returns an error as it leaves the program.
func Error(err error) error {
	if err == nil {
		return nil
	}
	return safeError{err, Text(err)}
}

// Foreign returns somebody else's error on one line, so that no line passes for ours.
func Foreign(err error) error { return safeError{err, Line(err)} }
