package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// App is a fly.toml.
type App struct {
	App           string `json:"app,omitempty"`
	PrimaryRegion string `json:"primary_region,omitempty"`
	KillSignal    string `json:"kill_signal,omitempty"`
	KillTimeout   any    `json:"kill_timeout,omitempty"`
	Build         struct {
		Image      string            `json:"image,omitempty"`
		Dockerfile string            `json:"dockerfile,omitempty"`
		Builder    string            `json:"builder,omitempty"`
		Args       map[string]string `json:"args,omitempty"`
		Compose    Compose           `json:"compose,omitzero"`
	} `json:"build,omitzero"`
	Deploy struct {
		ReleaseCommand string `json:"release_command,omitempty"`
		Strategy       string `json:"strategy,omitempty"`
		WaitTimeout    string `json:"wait_timeout,omitempty"`
	} `json:"deploy,omitzero"`
	Env              map[string]string   `json:"env,omitempty"`
	Processes        map[string]string   `json:"processes,omitempty"`
	Mounts           []Mounts            `json:"mounts,omitempty"`
	HTTP             *AppService         `json:"http_service,omitempty"`
	Services         []AppService        `json:"services,omitempty"`
	Checks           map[string]AppCheck `json:"checks,omitempty"`
	VM               []VM                `json:"vm,omitempty"`
	Restart          []AppRestart        `json:"restart,omitempty"`
	Metrics          []AppMetrics        `json:"metrics,omitempty"`
	SwapMB           int                 `json:"swap_size_mb,omitempty"`
	HostDedicationID string              `json:"host_dedication_id,omitempty"`
	MachineConfig    string              `json:"machine_config,omitempty"` // JSON, or a file with it
	Experimental     struct {
		Cmd           Words  `json:"cmd,omitempty"`
		Entrypoint    Words  `json:"entrypoint,omitempty"`
		Exec          Words  `json:"exec,omitempty"`
		MetricsPort   int    `json:"metrics_port,omitempty"`
		MetricsPath   string `json:"metrics_path,omitempty"`
		KillTimeout   any    `json:"kill_timeout,omitempty"`
		MachineConfig string `json:"machine_config,omitempty"`
	} `json:"experimental,omitzero"`

	Path    string `json:"-"` // of the file
	Invalid error  `json:"-"` // a wrong type in it
}

// Compose names a file that lists the containers of each machine.
type Compose struct {
	File string `json:"file,omitempty"`
}

// Mounts is a volume that each machine of some groups has.
type Mounts struct {
	Source      string   `json:"source,omitempty"`
	Destination string   `json:"destination,omitempty"`
	Processes   []string `json:"processes,omitempty"`
}

// VM is the size of the machines of some groups.
type VM struct {
	Size      string   `json:"size,omitempty"`
	Memory    any      `json:"memory,omitempty"`
	CPUKind   string   `json:"cpu_kind,omitempty"`
	CPUs      int      `json:"cpus,omitempty"`
	MemoryMB  int      `json:"memory_mb,omitempty"`
	Processes []string `json:"processes,omitempty"`
}

// AppRestart says what becomes of a program of some groups that ends.
type AppRestart struct {
	Policy    string   `json:"policy,omitempty"`
	Retries   int      `json:"retries,omitempty"`
	Processes []string `json:"processes,omitempty"`
}

// AppMetrics is one of [[metrics]].
type AppMetrics struct {
	Metrics
	Processes []string `json:"processes,omitempty"`
}

// Words is a list, or a text of one word.
type Words []string

// UnmarshalJSON reads either.
func (w *Words) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*w = Words{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(w))
}

// AppService is [http_service] or one of [[services]].
type AppService struct {
	Protocol     string       `json:"protocol,omitempty"`
	InternalPort int          `json:"internal_port,omitempty"`
	ForceHTTPS   bool         `json:"force_https,omitempty"`
	Autostop     Autostop     `json:"auto_stop_machines,omitempty"`
	Autostart    *bool        `json:"auto_start_machines,omitempty"`
	MinRunning   *int         `json:"min_machines_running,omitempty"`
	Processes    []string     `json:"processes,omitempty"`
	Ports        []Port       `json:"ports,omitempty"`
	Concurrency  *Concurrency `json:"concurrency,omitempty"`
	Checks       []Check      `json:"checks,omitempty"`
	HTTPChecks   []Check      `json:"http_checks,omitempty"`
	TCPChecks    []Check      `json:"tcp_checks,omitempty"`
}

// AppCheck is one of [checks].
type AppCheck struct {
	Check
	Processes []string `json:"processes,omitempty"`
}

// Parse reads a fly.toml, as flyctl does: the library and the words of its errors
// are flyctl's, and a wrong type leaves only the app's name.
func Parse(path string, text []byte) (*App, error) {
	raw := map[string]any{}
	read := toml.Unmarshal
	if strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		read = json.Unmarshal
	}
	if err := read(text, &raw); err != nil {
		if at := (*toml.DecodeError)(nil); errors.As(err, &at) {
			row, column := at.Position()
			err = fmt.Errorf("row %d column %d\n%s", row, column, at.String())
		}
		return nil, err
	}
	modernise(raw)
	data, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	a := &App{}
	if err := json.Unmarshal(data, a); err != nil {
		name, _ := raw["app"].(string)
		a = &App{App: name, Invalid: err}
	}
	a.Path = path
	return a, nil
}

// Faults are what is wrong with it, as a deploy prints it before it fails.
func (a *App) Faults() []string {
	if a.Invalid != nil {
		return []string{a.Invalid.Error()}
	}
	var out []string
	all := slices.Clone(a.Services)
	if a.HTTP != nil {
		all = append(all, *a.HTTP)
	}
	for _, s := range all {
		for _, group := range s.Processes {
			if !slices.Contains(a.Groups(), group) {
				out = append(out, fmt.Sprintf("Service specifies '%s' as one of its processes, but no processes are defined with that name; update fly.toml [processes] to add '%[1]s' process or remove it from service's processes list", group))
			}
		}
	}
	return out
}

var opens = regexp.MustCompile(`^\s*"?\w+"?:( [[{])?$`)

// String is what config show prints.
func (a *App) String() string {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	before := true
	for line := range strings.Lines(string(data) + "\n") {
		open := opens.MatchString(strings.TrimSuffix(line, "\n"))
		if open && !before {
			b.WriteString("\n")
		}
		before = open || strings.TrimSpace(line) == "{"
		b.WriteString(line)
	}
	return b.String()
}

// Groups returns the process groups, sorted.
func (a *App) Groups() []string {
	if len(a.Processes) == 0 {
		return []string{"app"}
	}
	return slices.Sorted(maps.Keys(a.Processes))
}
