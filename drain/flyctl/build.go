package flyctl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Build builds the app's image, however long that takes, pushes it to Fly's
// registry under the label, and returns its reference. It changes no machine. The
// reference is empty if flyctl built nothing, as fly.toml names an image ([build]
// image). Extra are more flags, such as --build-arg, as in [DeployOptions].
func (c *Client) Build(ctx context.Context, label string, extra ...string) (string, error) {
	if err := cmp.Or(labelPattern.check(label), validateExtra(extra)); err != nil {
		return "", err
	}
	args := slices.Concat([]string{"deploy"}, c.configArgs(), []string{"--build-only", "--push", "--image-label", label}, extra)
	res, err := c.do(ctx, call{args: args, local: true, long: true})
	if err != nil {
		return "", err
	}
	ref := builtImage(res)
	if err := imagePattern.check(ref); ref != "" && err != nil {
		return "", fmt.Errorf("%w: after a build: %w", ErrBadOutput, err)
	}
	return ref, nil
}

// builtImage returns the reference in the line "image: REF", which flyctl prints
// on standard error. It is the last such line: what a build runs may print one too.
func builtImage(res Result) string {
	const mark = "\nimage: "
	talk := "\n" + visible(string(res.Stdout)) + "\n" + visible(string(res.Stderr))
	at := strings.LastIndex(talk, mark)
	if at < 0 {
		return ""
	}
	ref, _, _ := strings.Cut(talk[at+len(mark):], "\n")
	return strings.TrimSpace(ref)
}
