// Package words has phrases that messages share.
package words

import (
	"fmt"
	"strings"
)

// Few lists ids for a sentence, the first few of them.
func Few(ids []string) string {
	const few = 5
	if len(ids) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:few], " "), len(ids)-few)
	}
	return strings.Join(ids, " ")
}

// Plural counts things.
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
