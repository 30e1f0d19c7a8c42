package flyctl

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// MinVersion is the oldest flyctl whose machine list shows which machines are
// cordoned.
const MinVersion = "0.4.69"

// Version returns flyctl's version, such as "0.4.87". If it is older than
// [MinVersion], it also returns [ErrTooOld].
func (c *Client) Version(ctx context.Context) (string, error) {
	version, err := ask(ctx, c, call{args: []string{"version", "--json"}, asks: true, silent: true}, readVersion)
	if err != nil {
		return "", err
	}
	return version, checkVersion(version)
}

func readVersion(res Result) (string, error) {
	answer, err := decode[struct{ Version string }](res)
	if err == nil {
		_, err = parseVersion(answer.Version)
	}
	return answer.Version, err
}

// checkVersion compares with MinVersion. Development builds are named by their day,
// as in 2026.8.21-dev, and so count as newer.
func checkVersion(version string) error {
	have, err := parseVersion(version)
	if want, _ := parseVersion(MinVersion); err == nil && slices.Compare(have[:], want[:]) < 0 {
		return fmt.Errorf("%w: v%s does not show which machines are cordoned, v%s or newer does: run fly version update", ErrTooOld, Printable(version), MinVersion)
	}
	return err
}

var versionPattern = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)(?:[-+.].*)?$`)

func parseVersion(s string) (v [3]int, err error) {
	m := versionPattern.FindStringSubmatch(s)
	if m == nil {
		return v, fmt.Errorf("%w: cannot parse flyctl version %s", ErrBadOutput, excerpt(s))
	}
	for i := range v {
		if v[i], err = strconv.Atoi(m[i+1]); err != nil {
			return v, fmt.Errorf("%w: cannot parse flyctl version %s: %w", ErrBadOutput, excerpt(s), err)
		}
	}
	return v, nil
}
