package fleet

import (
	"fmt"
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
