package drain

import (
	"strconv"
	"strings"
	"testing"
)

func TestACommandPrintsOneNumberOrNone(t *testing.T) {
	for out, want := range map[string]int{
		"0\n": 0, "7": 7, " 12 \r\n": 12, "007\n": 7, "2147483647\n": 1<<31 - 1,
		"": -1, "\n": -1, "-1\n": -1, "+1\n": -1, "1.0\n": -1, "1e3\n": -1, "0x10\n": -1, "1_000\n": -1, "٣\n": -1,
		"3 jobs\n": -1, "jobs: 3\n": -1, "1 2\n": -1, "1\n2\n": -1, "NaN\n": -1, "none\n": -1, "2147483648\n": -1, "99999999999999999999\n": -1,
		"(integer) 0\n": -1, "\x1b[32m0\x1b[0m\n": -1, "0\x00": -1,
	} {
		n, err := parseCount(out)
		if want < 0 && err == nil || want >= 0 && (err != nil || n != want) {
			t.Errorf("%q: %d, %v; want %d", out, n, err, want)
		}
	}
}

func FuzzParseCount(f *testing.F) {
	for _, out := range []string{"0\n", "12", "-1", "", "1 2", "0x1", "1e9"} {
		f.Add(out)
	}
	f.Fuzz(func(t *testing.T, out string) {
		n, err := parseCount(out)
		if err != nil {
			return
		}
		if n < 0 || strings.TrimLeft(strings.TrimSpace(out), "0") != strings.TrimLeft(strconv.Itoa(n), "0") {
			t.Errorf("%q is taken for %d", out, n)
		}
	})
}
