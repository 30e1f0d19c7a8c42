//go:build !race

package drain_test

const raced = false
