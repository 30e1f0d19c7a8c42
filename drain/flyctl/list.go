package flyctl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// List gives every machine of the app, also those that "fly deploy" does not
// manage. It can lag a change by a moment. An app without machines gives an
// empty list and no error; but Fly has answered with an empty list for apps that
// had machines (April 2026), so a caller had better doubt it.
// https://fly.io/infra-log/machines-api-duplicates/
//
// A flyctl whose list does not tell what is cordoned gives [ErrTooOld].
func (c *Client) List(ctx context.Context) ([]Machine, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	return ask(ctx, c, call{args: listArgs(c.App), pace: c.lists}, func(res Result) ([]Machine, error) {
		return parseList(res.Stdout)
	})
}

func listArgs(app string) []string { return []string{"machine", "list", "--json", "--app", app} }

func parseList(data []byte) ([]Machine, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '[' {
		return nil, fmt.Errorf("%w: want a JSON array of machines, got %.60q", ErrBadOutput, data)
	}
	var ms []Machine
	if err := json.Unmarshal(data, &ms); err != nil {
		if errors.Is(err, ErrTooOld) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: the machine list: %w", ErrBadOutput, err)
	}
	seen := make(map[string]bool, len(ms))
	for _, m := range ms {
		if seen[m.ID] {
			return nil, fmt.Errorf("%w: machine %s is listed twice", ErrBadOutput, m.ID)
		}
		seen[m.ID] = true
	}
	return ms, nil
}
