package main

import (
	"context"
	"errors"
	"fmt"
)

// fact is something that is believed of Fly, and a look at whether it is so.
type fact struct {
	name, believed, how string
	look                func(ctx context.Context, s *scene) (seen, error)
}

// seen is what a look has seen; with an error it has seen nothing.
type seen struct {
	as   bool // as believed
	text string
}

func see(as bool, format string, args ...any) (seen, error) {
	return seen{as, fmt.Sprintf(format, args...)}, nil
}

var errNoSpare = errors.New("there is no machine to try it on")
