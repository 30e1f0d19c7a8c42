package flyctl

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// logsTimeout bounds [Client.Logs]: while there is no line, flyctl asks for ever.
const logsTimeout = 5 * time.Second

// Logs returns the newest lines of a machine's log, about a hundred, as [Printer] makes
// them safe. It takes 5 s at most. A deploy token may not read logs; then, and where
// there are no lines, it returns an error.
func (c *Client) Logs(ctx context.Context, id string) (lines []string, err error) {
	if err := ValidateID(id); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, logsTimeout, fmt.Errorf("%w: no line in %v", ErrTransient, logsTimeout))
	defer cancel()
	res, err := c.do(ctx, call{args: []string{"logs", "--no-tail", "--machine", id, "--app", c.App}, machine: id, asks: true})
	for line := range strings.Lines(newRedactor().text(string(res.Stdout))) {
		if line = Printable(line); line != "" {
			lines = append(lines, shorten(line, lineLong))
		}
	}
	switch {
	case len(lines) > 0:
		return lines, nil // all that there is, also of a command that was killed
	case err == nil:
		err = fmt.Errorf("%w: the log of machine %s has no line", ErrBadOutput, id)
	}
	return nil, err
}
