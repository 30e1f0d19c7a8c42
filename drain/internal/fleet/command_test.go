package fleet

import (
	"fmt"
	"strings"
	"testing"
)

func show(l List) string {
	text := ""
	for _, m := range l {
		text += fmt.Sprintf("%s %s", m.ID, m.State)
		if m.Cordoned {
			text += " cordoned"
		}
		text += "; "
	}
	return text
}

func TestApplyDoesWhatACommandSays(t *testing.T) {
	const rows = "b1, b2 cordoned, b3 stopped"
	const as = "b1 started; b2 started cordoned; b3 stopped; "
	for _, c := range []struct {
		c    Command
		want string
	}{
		{Command{Verb: Cordon, Machine: "b1"}, "b1 started cordoned; b2 started cordoned; b3 stopped; "},
		{Command{Verb: Cordon, Machine: "b2"}, as},
		{Command{Verb: Uncordon, Machine: "b2"}, "b1 started; b2 started; b3 stopped; "},
		{Command{Verb: Destroy, Machine: "b1"}, "b2 started cordoned; b3 stopped; "},
		{Command{Verb: Drain, Machine: "b3"}, "b1 started; b2 started cordoned; "},
		{Command{Verb: Start, Machine: "b3"}, "b1 started; b2 started cordoned; b3 started; "},
		{Command{Verb: Check}, as},
		{Command{Verb: Build}, as},
		{Command{Verb: Record}, as},
		{Command{Verb: Cordon, Machine: "q9"}, as},
	} {
		l := list(rows)
		same(t, fmt.Sprint(c.c), show(Apply(l, c.c)), c.want)
		same(t, "the list that it was applied to", show(l), as)
	}
}

// What Fly cannot reach it destroys when the host answers again.
func TestApplyLeavesAMachineThatCannotBeReached(t *testing.T) {
	for _, verb := range []Verb{Drain, Destroy} {
		same(t, string(verb), show(Apply(list("b1 unreachable cordoned, b2"), Command{Verb: verb, Machine: "b1"})), "b1 started cordoned; b2 started; ")
	}
}

func TestApplyOfACommandThatCreatesAddsWhatItCreates(t *testing.T) {
	for _, c := range []Command{{Verb: Deploy}, {Verb: Clone, Machine: "g1"}, {Verb: Clone}} {
		l := list("b1, g1")
		same(t, fmt.Sprint(c), show(Apply(l, c, one("g2"), one("g3 stopped"))), "b1 started; g1 started; g2 started; g3 stopped; ")
		if !c.Creates() || len(l) != 2 {
			t.Error(c)
		}
	}
	for _, v := range []Verb{Build, Start, Cordon, Uncordon, Destroy, Drain, Check, Record} {
		if (Command{Verb: v}).Creates() {
			t.Error(v)
		}
	}
}

// turns are commands for so many machines of an app.
func turns(app string, verb Verb, from, n int) (out []Command) {
	for i := range n {
		out = append(out, Command{App: app, Verb: verb, Machine: fmt.Sprint("b", from+i)})
	}
	return out
}

func TestFromTwentyOnMachinesAreCordonedTogether(t *testing.T) {
	for _, c := range []struct {
		why    string
		run    []Command
		leased string
		want   string // how many of them flyctl gets, command by command
	}{
		{"nothing", nil, "", ""},
		{"nineteen", turns("a", Cordon, 0, 19), "", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
		{"twenty", turns("a", Cordon, 0, 20), "", "2 2 2 2 2 2 2 2 2 2"},
		{"thirty-one", turns("a", Cordon, 0, 31), "", "3 3 3 3 3 3 3 3 3 3 1"},
		{"sixty", turns("a", Cordon, 0, 60), "", "4 4 4 4 4 4 4 4 4 4 4 4 4 4 4"},
		{"a rest", turns("a", Uncordon, 0, 42), "", "4 4 4 4 4 4 4 4 4 4 2"},
		{"of two apps", append(turns("a", Cordon, 0, 21), turns("b", Cordon, 0, 31)...), "", "2 2 2 2 2 2 2 2 2 2 1 3 3 3 3 3 3 3 3 3 3 1"},
		{"of which one has few", append(turns("a", Cordon, 0, 20), turns("b", Cordon, 0, 2)...), "", "2 2 2 2 2 2 2 2 2 2 1 1"},
		{"two verbs", append(turns("a", Cordon, 0, 20), turns("a", Uncordon, 20, 20)...), "", "2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2"},
		{"other verbs", turns("a", Start, 0, 21), "", "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
		{"one that is leased goes alone, and last", turns("a", Cordon, 0, 21), "b3", "2 2 2 2 2 2 2 2 2 2 1"},
	} {
		parts := Together(c.run, func(c2 Command) bool { return c2.Machine == c.leased })
		got, seen := "", map[Command]bool{}
		for _, part := range parts {
			got += fmt.Sprint(len(part), " ")
			for _, p := range part {
				seen[p] = true
				if p.App != part[0].App || p.Verb != part[0].Verb {
					t.Errorf("%s: %v and %v are one command", c.why, part[0], p)
				}
			}
		}
		same(t, c.why, strings.TrimSpace(got), c.want)
		if len(seen) != len(c.run) {
			t.Errorf("%s: %d of %d commands", c.why, len(seen), len(c.run))
		}
		if last := len(parts) - 1; c.leased != "" && (len(parts[last]) != 1 || parts[last][0].Machine != c.leased) {
			t.Errorf("%s: the last is %v", c.why, parts[last])
		}
	}
}
