package flyctl

import (
	"context"
	"fmt"
	"strings"
)

// Build builds the app's image, pushes it to Fly's registry under the label,
// and gives its reference. It changes no machine. Where flyctl built nothing,
// as fly.toml names an image ([build] image), the reference is empty.
func (c *Client) Build(ctx context.Context, label string, extra ...string) (string, error) {
	if err := c.ready(); err != nil {
		return "", err
	}
	args, err := buildArgs(c.configArgs(), label, extra)
	if err != nil {
		return "", err
	}
	res, err := c.do(ctx, call{args: args, dir: c.dir(), timeout: noTimeout})
	if err != nil {
		return "", err
	}
	ref := builtImage(res)
	if ref == "" {
		return "", nil
	}
	if err := CheckImage(ref); err != nil {
		return "", fmt.Errorf("%w: after a build: %w", ErrBadOutput, err)
	}
	return ref, nil
}

func buildArgs(config []string, label string, extra []string) ([]string, error) {
	if err := check("image label", label, labelPattern, "letters, digits, dots, dashes and underscores"); err != nil {
		return nil, err
	}
	if err := CheckExtra(extra); err != nil {
		return nil, err
	}
	args := append([]string{"deploy"}, config...)
	args = append(args, "--build-only", "--push", "--image-label", label)
	return append(args, extra...), nil
}

// builtImage finds the line "image: REF", which flyctl prints on standard
// error; the last one, as what a build runs may print such lines too.
func builtImage(res Result) string {
	for _, out := range []string{clean(string(res.Stderr)), clean(string(res.Stdout))} {
		lines := strings.Split(out, "\n")
		for i := len(lines) - 1; i >= 0; i-- {
			if ref, ok := strings.CutPrefix(lines[i], "image: "); ok {
				return strings.TrimSpace(ref)
			}
		}
	}
	return ""
}
