package flyctl

import (
	"bytes"
	"context"
	"encoding/json"
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
	return ask(ctx, c, call{args: listArgs(c.App), pace: c.lists, timeout: c.answerTimeout()}, func(res Result) ([]Machine, error) {
		return parseList(res.Stdout)
	})
}

func listArgs(app string) []string { return []string{"machine", "list", "--json", "--app", app} }

func parseList(data []byte) ([]Machine, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '[' {
		return nil, fmt.Errorf("%w: want a JSON array of machines, got %.60q", ErrBadOutput, data)
	}
	var rows []listed
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("%w: the machine list: %w", ErrBadOutput, err)
	}
	ms := make([]Machine, len(rows))
	seen := make(map[string]bool, len(ms))
	for i := range rows {
		m, err := rows[i].machine()
		if err != nil {
			return nil, err
		}
		if seen[m.ID] {
			return nil, fmt.Errorf("%w: machine %s is listed twice", ErrBadOutput, m.ID)
		}
		seen[m.ID], ms[i] = true, m
	}
	return ms, nil
}

// listed is a machine as the list has it.
type listed struct {
	Machine
	Cordoned         *bool   `json:"cordoned"`
	Config           *Config `json:"config"`
	IncompleteConfig *Config `json:"incomplete_config"` // in its place, on a host that is not well
}

// machine refuses a row that says nothing of a cordon: flyctl before v0.4.69
// leaves that out, and missing is not false.
func (r listed) machine() (Machine, error) {
	m := r.Machine
	if err := CheckID(m.ID); err != nil {
		return m, fmt.Errorf("%w: a row of the machine list has an odd id: %q", ErrBadOutput, m.ID)
	}
	if r.Cordoned == nil {
		return m, fmt.Errorf("%w: machine %s: the list does not say whether it is cordoned: flyctl v%s or newer does (fly version update)", ErrTooOld, m.ID, MinVersion)
	}
	m.Cordoned = *r.Cordoned
	switch {
	case r.Config != nil:
		m.Config = *r.Config
	case r.IncompleteConfig != nil:
		m.Config = *r.IncompleteConfig
	}
	return m, nil
}
