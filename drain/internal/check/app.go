package check

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
	"github.com/flydrain/flydrain/drain/internal/capacity"
	"github.com/flydrain/flydrain/drain/internal/fleet"
)

// App is an app that is to be released.
type App struct {
	Name   string
	Config flyctl.AppConfig // fly.toml
	Groups []string         // only these are released; none is all
	All    fleet.List       // every machine that is listed

	Smoke       time.Duration // how long a machine without checks must run
	Countable   bool          // a drain ends though nobody can count what is no TCP connection
	Unreachable bool          // machines on hosts that cannot be reached are put up with
	LoseConfig  bool          // so is what people have set on machines, and green lacks
}

// Refusal is why an app cannot be released.
type Refusal struct {
	Machine string // that it is about, if it is about one
	Why     string
}

// Green is what green is to be.
func (a App) Green() capacity.Capacity { return capacity.Wanted(a.Blue(), a.released()) }

// Blue are the machines that serve, also those that cannot be reached, as far as is known.
func (a App) Blue() fleet.List {
	return a.All.Managed().Where(func(m *fleet.Machine) bool { return !m.Cordoned })
}

// released is fly.toml with only the groups that are released.
func (a App) released() flyctl.AppConfig {
	cfg := a.Config
	if len(a.Groups) > 0 {
		cfg.Processes = maps.Clone(cfg.Processes)
		maps.DeleteFunc(cfg.Processes, func(g, _ string) bool { return !slices.Contains(a.Groups, g) })
	}
	return cfg
}

// examination is an app, and what is found of it.
type examination struct {
	App
	cfg      flyctl.AppConfig // with the groups that are released
	blue     fleet.List
	warnings []string
}

func (x *examination) warn(format string, args ...any) {
	x.warnings = append(x.warnings, fmt.Sprintf(format, args...))
}

func (x *examination) refuse(machine, format string, args ...any) *Refusal {
	return &Refusal{machine, x.Name + ": " + fmt.Sprintf(format, args...)}
}
