package main

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// probe runs a command line with --help at its end, and returns what flyctl does
// not know of it, and what is odd about it. Flyctl reads all flags before it sees that help is wanted, so it
// refuses one that it does not have, also among those that its help hides.
func (u use) probe(ctx context.Context, run flyctl.Runner) (faults, notes []string, err error) {
	args := slices.Clone(u.args)
	for {
		res, err := run(ctx, flyctl.Command{Args: append(slices.Clone(args), "--help")})
		if err != nil {
			return nil, nil, err
		}
		help := string(res.Stdout)
		switch unknown := unknownFlag.FindStringSubmatch(string(res.Stderr)); {
		case unknown != nil && slices.ContainsFunc(args, func(arg string) bool { return isFlag(arg, unknown[1]) }):
			faults = append(faults, "it has no flag "+unknown[1])
			args = without(args, unknown[1])
			continue
		case res.ExitCode != 0:
			return append(faults, "it says: "+strings.TrimSpace(string(res.Stderr))), nil, nil
		case !usageOf(u.command()).MatchString(help):
			return append(faults, "there is no such command"), nil, nil
		}
		for _, f := range u.flags() {
			fault, note := f.compare(help)
			faults, notes = append(faults, fault...), append(notes, note...)
		}
		return faults, notes, nil
	}
}

var unknownFlag = regexp.MustCompile(`unknown flag: (--\S+)`)

// usageOf finds the usage of a command: flyctl shows that of its parent where
// there is no such command.
func usageOf(command string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s+\S+ ` + regexp.QuoteMeta(command) + `( |$)`)
}

func isFlag(arg, name string) bool {
	return arg == name || strings.HasPrefix(arg, name+"=")
}

// without takes a flag out of a command line, and its value with it.
func without(args []string, name string) []string {
	i := slices.IndexFunc(args, func(arg string) bool { return isFlag(arg, name) })
	n := 1
	if args[i] == name && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
		n = 2
	}
	return slices.Delete(slices.Clone(args), i, i+n)
}

// compare holds how a flag is given against what its help says:
//
//	--region string             --region iad, or --region=iad
//	--autostop string[="stop"]  --autostop=stop only
//	--detach                    no value, or --detach=false
func (f flagUse) compare(help string) (fault, note []string) {
	m := regexp.MustCompile(`(?m)^\s+(?:-\w, )?` + f.name + `( [A-Za-z0-9]+)?(\[=[^\]]*\])?(\s|$)`).FindStringSubmatch(help)
	switch {
	case m == nil:
		return nil, []string{f.name + " is there, and help hides it"}
	case f.value && m[2] != "":
		return []string{f.name + " takes its value only after ="}, nil
	case f.value && m[1] == "":
		return []string{f.name + " takes no value"}, nil
	case !f.value && !f.joined && m[1] != "" && m[2] == "":
		return []string{f.name + " wants a value"}, nil
	case m[2] != "":
		return nil, []string{f.name + " takes its value only after =, and is given it so"}
	}
	return nil, nil
}
