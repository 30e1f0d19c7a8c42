package flyctl

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
)

// Build builds the app's image, however long that takes, pushes it to Fly's
// registry under the label, and returns its reference. It changes no machine. The
// reference is empty if flyctl built nothing, as fly.toml names an image ([build]
// image). Extra are more flags, such as --build-arg (see [ValidateArgs]).
func (c *Client) Build(ctx context.Context, label string, extra ...string) (string, error) {
	args, err := buildArgs(c.configArgs(), label, extra)
	if err != nil {
		return "", err
	}
	res, err := c.do(ctx, call{args: args, dir: c.dir(), long: true})
	if err != nil {
		return "", err
	}
	ref := builtImage(res)
	if ref == "" {
		return "", nil
	}
	if err := ValidateImage(ref); err != nil {
		return "", fmt.Errorf("%w: after a build: %w", ErrBadOutput, err)
	}
	return ref, nil
}

func buildArgs(config []string, label string, extra []string) ([]string, error) {
	if err := cmp.Or(labelPattern.check(label), ValidateArgs(extra)); err != nil {
		return nil, err
	}
	args := append([]string{"deploy"}, config...)
	args = append(args, "--build-only", "--push", "--image-label", label)
	return append(args, extra...), nil
}

// buildEnv makes BuildKit, also behind Docker and Depot, print its progress as lines.
func buildEnv() []string {
	const name = "BUILDKIT_PROGRESS"
	if _, set := os.LookupEnv(name); set {
		return nil
	}
	return []string{name + "=plain"}
}

// builtImage returns the reference in the line "image: REF", which flyctl prints
// on standard error. It is the last such line: what a build runs may print one too.
func builtImage(res Result) string {
	for _, out := range []string{visible(string(res.Stderr)), visible(string(res.Stdout))} {
		lines := strings.Split(out, "\n")
		for i := len(lines) - 1; i >= 0; i-- {
			if ref, ok := strings.CutPrefix(lines[i], "image: "); ok {
				return strings.TrimSpace(ref)
			}
		}
	}
	return ""
}
