package flyctl

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
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
		Image   string          `json:"image"`
		Compose json.RawMessage `json:"compose"` // of the machines' containers
	} `json:"build"`
	Deploy struct {
		Strategy       string `json:"strategy"`
		ReleaseCommand string `json:"release_command"`
	} `json:"deploy"`
	VM []struct {
		Processes []string `json:"processes"` // none is all
	} `json:"vm"` // sizes of machines
	Mounts      json.RawMessage            `json:"mounts"`
	HTTPService *AppService                `json:"http_service"`
	Services    []AppService               `json:"services"`
	Checks      map[string]json.RawMessage `json:"checks"` // those that are of no service
	Metrics     []struct {
		Port int `json:"port"`
	} `json:"metrics"`
	HostDedicationID string `json:"host_dedication_id"`
	MachineConfig    string `json:"machine_config"` // JSON, or a file with it
	Experimental     struct {
		MachineConfig string `json:"machine_config"`
	} `json:"experimental"`

	// Machine is the machine_config, read: what fly.toml sets for every machine.
	Machine map[string]json.RawMessage `json:"-"`
}

// AppService is a service in fly.toml.
type AppService struct {
	Protocol     string            `json:"protocol"` // "" is tcp
	InternalPort int               `json:"internal_port"`
	Autostop     any               `json:"auto_stop_machines"` // off, stop, suspend, or a truth value
	Autostart    bool              `json:"auto_start_machines"`
	Processes    []string          `json:"processes"` // none is all
	Checks       []json.RawMessage `json:"checks"`
	TCPChecks    []json.RawMessage `json:"tcp_checks"`
	HTTPChecks   []json.RawMessage `json:"http_checks"`
}

// Groups returns the process groups of fly.toml, sorted. Without a [processes]
// table there is one, called app.
func (a AppConfig) Groups() []string {
	if len(a.Processes) == 0 {
		return []string{"app"}
	}
	return slices.Sorted(maps.Keys(a.Processes))
}

// ConfigShow returns fly.toml as flyctl understands it. The error is [ErrNoConfig]
// if the file is missing, broken, or has a value of a wrong type.
func (c *Client) ConfigShow(ctx context.Context) (AppConfig, error) {
	args := append([]string{"config", "show", "--local"}, c.configArgs()...)
	cfg, err := ask(ctx, c, call{args: args, local: true, asks: true}, parseConfig)
	if err == nil {
		err = cfg.readMachine(filepath.Join(c.Dir, filepath.Dir(c.Config)))
	}
	return cfg, err
}

// readMachine reads the machine_config: flyctl takes what begins with a brace for
// JSON, and anything else for a file beside fly.toml.
func (a *AppConfig) readMachine(dir string) error {
	text := []byte(cmp.Or(a.MachineConfig, a.Experimental.MachineConfig))
	if len(text) == 0 {
		return nil
	}
	var err error
	if text[0] != '{' {
		text, err = os.ReadFile(filepath.Join(dir, string(text)))
	}
	if err == nil {
		err = json.Unmarshal(text, &a.Machine)
	}
	if err != nil {
		return fmt.Errorf("%w: machine_config: %w", ErrNoConfig, err)
	}
	return nil
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
