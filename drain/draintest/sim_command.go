package draintest

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// simCommand is one run of flysim.
type simCommand struct {
	out       io.Writer
	verb      string
	pos, rest []string // arguments, and what begins with the first flag
	err       error    // the first that was met
}

// fail keeps the first error, and reports whether there is one.
func (c *simCommand) fail(err error) bool {
	if c.err == nil && err != nil {
		c.err = fmt.Errorf("%s: %w", c.verb, err)
	}
	return c.err != nil
}

// flags reads the flags into the fields of structs, and reports whether there was no
// error so far.
func (c *simCommand) flags(into ...any) bool {
	fs := flag.NewFlagSet(c.verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, one := range into {
		flagFields(fs, one)
	}
	c.fail(fs.Parse(c.rest))
	if fs.NArg() > 0 {
		c.fail(errors.New("flags come last"))
	}
	return c.err == nil
}

var capital = regexp.MustCompile(`([a-z])([A-Z])`)

// flagFields makes a flag of each field of a struct that can be one: AfterEffect is
// -after-effect.
func flagFields(fs *flag.FlagSet, to any) {
	v := reflect.ValueOf(to).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		name := strings.ToLower(capital.ReplaceAllString(v.Type().Field(i).Name, "$1-$2"))
		switch p := v.Field(i).Addr().Interface().(type) {
		case *string:
			fs.StringVar(p, name, *p, "")
		case *int:
			fs.IntVar(p, name, *p, "")
		case *bool:
			fs.BoolVar(p, name, *p, "")
		case *time.Duration:
			fs.DurationVar(p, name, *p, "")
		case *[]string:
			fs.Func(name, "", func(s string) error { *p = strings.Split(s, ","); return nil })
		}
	}
}

// arg is a positional argument, "" when it is not there.
func (c *simCommand) arg(n int) string {
	if n < len(c.pos) {
		return c.pos[n]
	}
	return ""
}

func (c *simCommand) number(n int) int {
	v, err := strconv.Atoi(c.arg(n))
	if err != nil {
		c.fail(fmt.Errorf("%q is not a number", c.arg(n)))
	}
	return v
}

// app is the first argument's.
func (c *simCommand) app(w *World) *App {
	a := w.Apps[c.arg(0)]
	if a == nil {
		c.fail(fmt.Errorf("no app %q", c.arg(0)))
	}
	return a
}
