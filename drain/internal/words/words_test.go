package words

import "testing"

func TestOfManyIDsTheFirstFiveAreNamed(t *testing.T) {
	for want, ids := range map[string][]string{
		"":                     nil,
		"a b c d e":            {"a", "b", "c", "d", "e"},
		"a b c d e and 1 more": {"a", "b", "c", "d", "e", "f"},
	} {
		if got := Few(ids); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOneThingIsNoPlural(t *testing.T) {
	for n, want := range map[int]string{0: "0 machines", 1: "1 machine", 2: "2 machines"} {
		if got := Plural(n, "machine"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
