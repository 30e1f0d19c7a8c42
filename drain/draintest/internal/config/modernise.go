package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// modernise writes a fly.toml's older and looser forms as the newest, as flyctl does
// before it reads one.
func modernise(raw map[string]any) {
	if old, ok := raw["compute"]; ok {
		raw["vm"] = old
	}
	for _, k := range []string{"mounts", "vm", "services", "restart", "metrics"} {
		if one, ok := raw[k].(map[string]any); ok {
			raw[k] = []any{one}
		}
	}
	if env, ok := raw["env"].(map[string]any); ok {
		for k, v := range env {
			env[k] = fmt.Sprint(v)
		}
	}
	if list, ok := raw["processes"].([]any); ok {
		groups := map[string]any{}
		for _, one := range list {
			if p, ok := one.(map[string]any); ok {
				command, _ := p["command"].(string)
				groups[fmt.Sprint(p["name"])] = command
			}
		}
		raw["processes"] = groups
	}
	if app, ok := raw["http_service"].(map[string]any); ok {
		service(app)
	}
	for _, one := range tables(raw["services"]) {
		service(one)
	}
	if checks, ok := raw["checks"].(map[string]any); ok {
		for _, one := range checks {
			if c, ok := one.(map[string]any); ok {
				check(c)
			}
		}
	}
	for _, vm := range tables(raw["vm"]) {
		if m, ok := vm["memory"]; ok {
			vm["memory"] = fmt.Sprint(m)
		}
	}
}

func tables(v any) []map[string]any {
	var out []map[string]any
	list, _ := v.([]any)
	for _, one := range list {
		if t, ok := one.(map[string]any); ok {
			out = append(out, t)
		}
	}
	return out
}

func service(s map[string]any) {
	number(s, "internal_port")
	if limits, ok := s["concurrency"].(string); ok { // "soft,hard"
		soft, hard, _ := strings.Cut(limits, ",")
		c := map[string]any{"type": "requests", "soft_limit": soft, "hard_limit": hard}
		number(c, "soft_limit", "hard_limit")
		s["concurrency"] = c
	}
	for _, p := range tables(s["ports"]) {
		number(p, "port", "start_port", "end_port")
	}
	for _, k := range []string{"checks", "tcp_checks", "http_checks"} {
		for _, c := range tables(s[k]) {
			check(c)
		}
	}
}

// check writes times as flyctl does, and headers as a list.
func check(c map[string]any) {
	for _, k := range []string{"interval", "timeout", "grace_period"} {
		if ms, ok := c[k].(int64); ok {
			c[k] = (time.Duration(ms) * time.Millisecond).String()
		}
	}
	if headers, ok := c["headers"].(map[string]any); ok {
		list := []any{}
		for name, value := range headers {
			list = append(list, map[string]any{"name": name, "values": []any{fmt.Sprint(value)}})
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		c["headers"] = list
	}
}

// number reads numbers that are written as texts.
func number(t map[string]any, keys ...string) {
	for _, k := range keys {
		if text, ok := t[k].(string); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
				t[k] = n
			}
		}
	}
}
