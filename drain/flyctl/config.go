package flyctl

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// AppConfig is fly.toml, as far as a deploy needs to know it beforehand.
type AppConfig struct {
	App           string            `json:"app"`
	PrimaryRegion string            `json:"primary_region"`
	Env           map[string]string `json:"env"`
	Processes     map[string]string `json:"processes"`
	Build         struct {
		Image string `json:"image"`
	} `json:"build"`
	Deploy struct {
		Strategy string `json:"strategy"`
	} `json:"deploy"`
	VM     []AppVM         `json:"vm"`
	Mounts json.RawMessage `json:"mounts"`
}

// AppVM is a [[vm]] table of fly.toml: the size of the machines of some groups, or of all.
type AppVM struct {
	Processes []string `json:"processes"`
}

// Groups are the process groups that fly.toml has, sorted; without a
// [processes] table that is one, called app.
func (a AppConfig) Groups() []string {
	if len(a.Processes) == 0 {
		return []string{"app"}
	}
	groups := make([]string, 0, len(a.Processes))
	for g := range a.Processes {
		groups = append(groups, g)
	}
	slices.Sort(groups)
	return groups
}

// Sizes tells whether fly.toml itself sets the size of a group's machines.
func (a AppConfig) Sizes(group string) bool {
	return slices.ContainsFunc(a.VM, func(vm AppVM) bool {
		return len(vm.Processes) == 0 || slices.Contains(vm.Processes, group)
	})
}

// ConfigShow reads fly.toml as flyctl understands it. One that is missing,
// broken, or has values of a wrong type gives [ErrNoConfig].
func (c *Client) ConfigShow(ctx context.Context) (AppConfig, error) {
	if err := c.ready(); err != nil {
		return AppConfig{}, err
	}
	k := call{args: configShowArgs(c.configArgs()), dir: c.dir(), timeout: c.answerTimeout()}
	return ask(ctx, c, k, parseConfig)
}

func configShowArgs(config []string) []string {
	return append([]string{"config", "show", "--local"}, config...)
}

// A value of a wrong type leaves nothing but the app's name, with exit code 0,
// and this on standard error.
var badConfig = regexp.MustCompile(`config file at .* is not valid.*`)

func parseConfig(res Result) (AppConfig, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(res.Stdout, &keys); err != nil {
		return AppConfig{}, fmt.Errorf("%w: what flyctl makes of fly.toml: %w", ErrBadOutput, err)
	}
	if keys == nil {
		return AppConfig{}, fmt.Errorf("%w: flyctl makes null of fly.toml", ErrBadOutput)
	}
	if why := badConfig.FindString(clean(string(res.Stderr))); why != "" && len(keys) <= 1 {
		return AppConfig{}, fmt.Errorf("%w: the %s", ErrNoConfig, why)
	}
	var cfg AppConfig
	if err := json.Unmarshal(res.Stdout, &cfg); err != nil {
		return AppConfig{}, fmt.Errorf("%w: what flyctl makes of fly.toml: %w", ErrBadOutput, err)
	}
	return cfg, nil
}
