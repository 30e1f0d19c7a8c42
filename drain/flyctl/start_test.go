package flyctl

import (
	"slices"
	"strings"
	"testing"
)

func TestAStartOfWhichOneIsGoneStartsTheOthers(t *testing.T) {
	const gone = "nope123"
	f := &fake{}
	done := make(chan string, 2)
	unknown := transcript(t, "cordon an unknown machine")
	f.answer = func(_ int, cmd Command) (Result, error) {
		if cmd.Args[2] == gone {
			return unknown, nil
		}
		done <- cmd.Args[2]
		return Result{}, nil
	}
	c := &Client{App: "my-app", Run: f.run}
	err := c.Start(t.Context(), one, gone, two)
	wantKind(t, err, ErrMachineNotFound)
	if !strings.Contains(err.Error(), gone) || strings.Contains(err.Error(), one) {
		t.Errorf("the error is about the wrong machine: %v", err)
	}
	if got := []string{<-done, <-done}; !slices.Contains(got, one) || !slices.Contains(got, two) || f.count() != 3 {
		t.Errorf("started: %v, in %d runs", got, f.count())
	}
}
