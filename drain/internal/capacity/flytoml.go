package capacity

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// ServicesOf returns the services of a group, by fly.toml.
func ServicesOf(a flyctl.AppConfig, group string) []flyctl.AppService {
	all := a.Services
	if a.HTTPService != nil {
		all = append([]flyctl.AppService{*a.HTTPService}, all...)
	}
	return slices.DeleteFunc(slices.Clone(all), func(s flyctl.AppService) bool { return len(s.Processes) > 0 && !slices.Contains(s.Processes, group) })
}

// autostarts reports whether the proxy is to start machines of a group.
func autostarts(a flyctl.AppConfig, group string) bool {
	return slices.ContainsFunc(ServicesOf(a, group), func(s flyctl.AppService) bool { return s.Autostart })
}

// Sizes reports whether fly.toml itself sets the size of a group's machines.
func Sizes(a flyctl.AppConfig, group string) bool {
	for _, vm := range a.VM {
		if len(vm.Processes) == 0 || slices.Contains(vm.Processes, group) {
			return true
		}
	}
	return Sets(a, "guest.cpus") || Sets(a, "guest.memory_mb") || Sets(a, "guest.cpu_kind")
}

// Sets reports whether fly.toml sets a field of every machine, such as
// guest.kernel_args: by its machine_config, or by a key of its own.
func Sets(a flyctl.AppConfig, field string) bool {
	if field == "guest.host_dedication_id" && a.HostDedicationID != "" || field == "containers" && len(a.Build.Compose) > 0 {
		return true
	}
	outer, inner, deep := strings.Cut(field, ".")
	value, set := a.Machine[outer]
	if !deep {
		return set
	}
	var in map[string]json.RawMessage
	_ = json.Unmarshal(value, &in) // another type sets nothing
	return len(in[inner]) > 0
}
