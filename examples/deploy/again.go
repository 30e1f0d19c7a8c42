package main

import (
	"flag"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/flydrain/flydrain/drain"
)

// repeat lets the commands that a release names repeat the flags that a set has so far,
// as they were given to this run.
func repeat(fs *flag.FlagSet, r *drain.Release) {
	var all []given
	fs.VisitAll(func(f *flag.Flag) { f.Value = &recorded{Value: f.Value, name: f.Name, all: &all} })
	r.Again = func(op string) string { return commandLine(fs.Name(), all, op, r.AtDeadline == drain.StopMachine) }
}

// given is a flag with its value, as it was written.
type given struct {
	name, text string
	alone      bool // it needs no value: package flag takes none from the next argument
}

// String returns the flag as a shell takes it. A value that is joined to its flag can
// be any text: by itself, "--" would end the flags.
func (g given) String() string {
	switch {
	case g.alone && g.text == "true":
		return "-" + g.name
	case g.alone, strings.HasPrefix(g.text, "-"):
		return "-" + g.name + "=" + quote(g.text)
	}
	return "-" + g.name + " " + quote(g.text)
}

// recorded is a flag's value that also keeps what was written.
type recorded struct {
	flag.Value
	name string
	all  *[]given
	last string
}

func (r *recorded) Set(text string) error {
	r.last = text
	*r.all = append(*r.all, given{r.name, text, r.IsBoolFlag()})
	return r.Value.Set(text)
}

// String returns what was written last.
func (r *recorded) String() string { return r.last }

// IsBoolFlag reports whether the flag needs no value.
func (r *recorded) IsBoolFlag() bool {
	b, ok := r.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// commandLine returns the command line of a program for another operation, with the
// flags that it needs. A deadline that only ends the run would end the next run at once.
func commandLine(program string, flags []given, op string, stops bool) string {
	command := []string{quote(program)}
	for _, f := range flags {
		switch f.name {
		case "image", "first", "background":
			continue
		case "deadline", "at-deadline":
			if !stops {
				continue
			}
		}
		command = append(command, f.String())
	}
	if op != "deploy" {
		command = append(command, "-"+op)
	}
	return strings.Join(command, " ")
}

// quote writes an argument as a shell takes it.
func quote(s string) string {
	quoted, _ := syntax.Quote(s, syntax.LangBash) // fails for NUL, which no argument has
	return quoted
}
