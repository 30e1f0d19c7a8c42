package main

import (
	"testing"
)

func TestSizesThatAreNoneAreRefused(t *testing.T) {
	for _, text := range []string{"", "five", "2", "5,", "-5"} {
		if sizes, err := parseSizes(text); err == nil {
			t.Errorf("%q: %v", text, sizes)
		}
	}
}
