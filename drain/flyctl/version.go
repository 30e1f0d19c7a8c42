package flyctl

import (
	"context"
	"encoding/json"
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
	version, err := ask(ctx, c, call{args: versionArgs(), asks: true}, func(res Result) (string, error) {
		return readVersion(res.Stdout)
	})
	if err != nil {
		return "", err
	}
	return version, checkVersion(version)
}

func versionArgs() []string { return []string{"version", "--json"} }

// readVersion returns the version in flyctl's answer.
func readVersion(data []byte) (string, error) {
	var v struct{ Version string }
	if err := json.Unmarshal(data, &v); err != nil {
		return "", fmt.Errorf("%w: the answer of flyctl version: %s: %w", ErrBadOutput, excerpt(string(data)), err)
	}
	_, err := parseVersion(v.Version)
	return v.Version, err
}

// checkVersion compares with MinVersion. Development builds are named by their day,
// as in 2026.8.21-dev, and so count as newer.
func checkVersion(version string) error {
	have, err := parseVersion(version)
	if err != nil {
		return err
	}
	want, err := parseVersion(MinVersion)
	if err != nil {
		return err
	}
	if slices.Compare(have[:], want[:]) < 0 {
		return fmt.Errorf("%w: v%s does not show which machines are cordoned, v%s or newer does: run fly version update", ErrTooOld, Printable(version), MinVersion)
	}
	return nil
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
