package drain

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Whatever leaves this package, as an event, a report, a plan or an error, is safe to
// print: a machine, flyctl or a user's flag may have said some of it.

// safe makes each text in what v points to as flyctl.Printable does.
func safe(v any) { safeIn(reflect.ValueOf(v).Elem()) }

func safeIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if text := flyctl.Printable(v.String()); text != v.String() {
			v.SetString(text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			safeIn(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() { // a Reading makes its own text safe
				safeIn(v.Field(i))
			}
		}
	}
}

// safeText makes a text of several lines safe.
func safeText(text any) string {
	var b strings.Builder
	fmt.Fprint(flyctl.Printer(&b), text)
	return b.String()
}

// oneLine is an error's text, safe, and without line breaks.
func oneLine(err error) string { return flyctl.Printable(err.Error()) }

// safeError is an error with another text.
type safeError struct {
	error
	text string
}

func (e safeError) Error() string { return e.text }
func (e safeError) Unwrap() error { return e.error }

// shown returns an error as it leaves this package.
func shown(err error) error {
	if err == nil {
		return nil
	}
	return safeError{err, safeText(err)}
}

// foreign returns somebody else's error on one line, so that no line passes for ours.
func foreign(err error) error { return safeError{err, oneLine(err)} }
