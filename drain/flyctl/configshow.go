package flyctl

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// AppConfig is the part of fly.toml that a deploy needs to know beforehand.
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
	VM []struct {
		Processes []string `json:"processes"` // none is all
	} `json:"vm"` // sizes of machines
	Mounts json.RawMessage `json:"mounts"`
}

// Groups returns the process groups of fly.toml, sorted. Without a [processes]
// table there is one, called app.
func (a AppConfig) Groups() []string {
	if len(a.Processes) == 0 {
		return []string{"app"}
	}
	return slices.Sorted(maps.Keys(a.Processes))
}

// Sizes reports whether fly.toml itself sets the size of a group's machines.
func (a AppConfig) Sizes(group string) bool {
	for _, vm := range a.VM {
		if len(vm.Processes) == 0 || slices.Contains(vm.Processes, group) {
			return true
		}
	}
	return false
}

// ConfigShow returns fly.toml as flyctl understands it. The error is [ErrNoConfig]
// if the file is missing, broken, or has a value of a wrong type.
func (c *Client) ConfigShow(ctx context.Context) (AppConfig, error) {
	args := append([]string{"config", "show", "--local"}, c.configArgs()...)
	return ask(ctx, c, call{args: args, local: true, asks: true}, parseConfig)
}

// badConfig is on standard error if a value has a wrong type. The answer is then
// nothing but the app's name, and the exit code 0.
var badConfig = regexp.MustCompile(`config file at .* is not valid.*`)

func parseConfig(res Result) (AppConfig, error) {
	keys, err := decode[map[string]json.RawMessage](res)
	if err != nil {
		return AppConfig{}, err
	}
	if why := badConfig.FindString(visible(string(res.Stderr))); why != "" && len(keys) <= 1 {
		return AppConfig{}, fmt.Errorf("%w: the %s", ErrNoConfig, why)
	}
	return decode[AppConfig](res)
}
