package draintest

import (
	"flag"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// simCommand is one run of flysim.
type simCommand struct {
	out       io.Writer
	verb, use string   // use is how the help has it, with its arguments
	pos, rest []string // arguments, and what begins with the first flag
	err       error    // the first that was met
	simNamed
}

// fail keeps the first mistake in the command line, and reports whether there is one.
func (c *simCommand) fail(err error) bool {
	if c.err == nil && err != nil {
		c.err = fmt.Errorf("%s: %w\nusage: flysim %s; see flysim help", c.verb, err, c.use)
	}
	return c.err != nil
}

// read reads the arguments, as the help has them, and reports whether they are right.
func (c *simCommand) read() bool {
	left := c.pos
	shape, _, flagged := strings.Cut(c.use, " [-")
	for _, name := range strings.Fields(shape)[1:] {
		n := min(1, len(left))
		if n == 0 && name[0] != '[' {
			c.fail(fmt.Errorf("%s is missing", name))
		}
		if strings.HasSuffix(name, "…") {
			n = len(left)
		}
		for _, v := range left[:n] {
			c.check(strings.Trim(name, "[]…"), v)
		}
		left = left[n:]
	}
	if len(left) > 0 {
		c.fail(fmt.Errorf("%q is one argument too many", left[0]))
	}
	return c.err == nil && (flagged || c.flags())
}

// check checks an argument, by its name in the help, a flag, or an item of a setting.
func (c *simCommand) check(name, v string) {
	if a, ok := simArguments[name]; ok && !a.ok(&c.simNamed, v) {
		c.fail(fmt.Errorf(a.refusal, v))
	}
}

// flags reads the flags into the fields of structs, and reports whether there was no
// error so far.
func (c *simCommand) flags(into ...any) bool {
	fs := flag.NewFlagSet(c.verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	flagFields(fs, into...)
	c.fail(fs.Parse(c.rest))
	fs.Visit(func(f *flag.Flag) { c.check("-"+f.Name, f.Value.String()) })
	if fs.NArg() > 0 {
		c.fail(fmt.Errorf("%q comes after a flag: flags come last", fs.Arg(0)))
	}
	return c.err == nil
}

var capital = regexp.MustCompile(`([a-z])([A-Z])`)

// flagFields makes a flag of each field of a struct that can be one: AfterEffect is
// -after-effect.
func flagFields(fs *flag.FlagSet, structs ...any) {
	for _, to := range structs {
		v := reflect.ValueOf(to).Elem()
		for i := range v.NumField() {
			name := strings.ToLower(capital.ReplaceAllString(v.Type().Field(i).Name, "$1-$2"))
			if !v.Type().Field(i).IsExported() {
				continue
			}
			switch p := v.Field(i).Addr().Interface().(type) {
			case *string:
				fs.StringVar(p, name, *p, "")
			case *int:
				fs.IntVar(p, name, *p, "")
			case *bool:
				fs.BoolVar(p, name, *p, "")
			case *time.Duration:
				fs.Var((*duration)(p), name, "")
			case *[]string:
				fs.Func(name, "", func(s string) error { *p = strings.Split(s, ","); return nil })
			}
		}
	}
}
