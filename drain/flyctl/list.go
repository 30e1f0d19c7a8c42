package flyctl

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// List returns every machine of the app, also those that "fly deploy" does not
// manage. It can lag a change by a moment. An app without machines has an empty
// list and no error. Doubt an empty list: Fly has returned one for apps that had
// machines (April 2026). https://fly.io/infra-log/machines-api-duplicates/
//
// The error is [ErrTooOld] if flyctl's list does not show which machines are cordoned.
func (c *Client) List(ctx context.Context) ([]Machine, error) {
	args := []string{"machine", "list", "--json", "--app", c.App}
	return ask(ctx, c, call{args: args, pace: []*pacer{&c.lists}, asks: true}, parseList)
}

func parseList(res Result) ([]Machine, error) {
	rows, err := decode[[]listed](res)
	if err != nil {
		return nil, err
	}
	ms := make([]Machine, len(rows))
	seen := make(map[string]bool, len(ms))
	for i, row := range rows {
		if ms[i], err = row.machine(); err != nil {
			return nil, err
		}
		if id := row.ID; seen[id] {
			return nil, fmt.Errorf("%w: machine %s is listed twice", ErrBadOutput, id)
		}
		seen[row.ID] = true
	}
	return ms, nil
}

// listed is a machine as the list has it.
type listed struct {
	Machine
	Cordoned         *bool         `json:"cordoned"`
	UpdatedAt        string        `json:"updated_at"`
	Config           *listedConfig `json:"config"`
	IncompleteConfig *listedConfig `json:"incomplete_config"` // in its place, on a host that is not well
}

// machine returns an error for a row that does not say whether the machine is
// cordoned: flyctl before v0.4.69 leaves that out, and missing is not false.
func (r listed) machine() (Machine, error) {
	m := r.Machine
	for i := range m.Checks {
		m.Checks[i].Name, m.Checks[i].Output = Printable(m.Checks[i].Name), Printable(m.Checks[i].Output)
	}
	m.State, m.HostStatus, m.Region = Printable(m.State), Printable(m.HostStatus), legible(m.Region)
	if ValidateID(m.ID) != nil {
		return m, fmt.Errorf("%w: the machine list has a row with an invalid id: %s", ErrBadOutput, excerpt(m.ID))
	}
	if r.Cordoned == nil {
		return m, fmt.Errorf("%w: the list does not show whether machine %s is cordoned: flyctl v%s or newer is needed: run fly version update", ErrTooOld, m.ID, MinVersion)
	}
	m.Cordoned = *r.Cordoned
	m.UpdatedAt, _ = time.Parse(time.RFC3339, r.UpdatedAt) // nothing depends on there being one
	config := cmp.Or(r.Config, r.IncompleteConfig)
	if config != nil {
		m.Config = config.config()
		for key, value := range m.Config.Metadata {
			m.Config.Metadata[key] = legible(value)
		}
	}
	// flyctl itself asks for such a machine again before it concludes anything.
	m.Thin = config == nil || m.CreatedAt.Year() <= 1970 || m.ImageRef == (ImageRef{})
	return m, nil
}

// legible returns a name as it is, or quoted where a person could not see what it is:
// two different names stay different.
func legible(word string) string {
	if isPlain(word) && !strings.ContainsAny(word, "\n\t") {
		return word
	}
	return strconv.QuoteToASCII(word)
}

// listedConfig is a Config with what its JSON spells in more than one way, and with what
// a deploy keeps of a machine's configuration and fly.toml seldom sets.
// https://fly.io/docs/machines/api/machines-resource/#machine-config-object-properties
type listedConfig struct {
	Config
	Services   []listedService `json:"services"`
	StopConfig struct {
		StopConfig
		Timeout duration `json:"timeout"`
	} `json:"stop_config"`
	DNS struct {
		SkipRegistration json.RawMessage `json:"skip_registration"`
	} `json:"dns"`
	Schedule    json.RawMessage `json:"schedule"`
	AutoDestroy json.RawMessage `json:"auto_destroy"`
	Rootfs      json.RawMessage `json:"rootfs"`
	CacheDrive  json.RawMessage `json:"cache_drive"`
	Spot        json.RawMessage `json:"spot"`
	Init        struct {
		TTY        json.RawMessage `json:"tty"`
		KernelArgs json.RawMessage `json:"kernel_args"`
	} `json:"init"`
	Guest struct {
		Guest
		KernelArgs       json.RawMessage `json:"kernel_args"`
		MaxMemoryMB      json.RawMessage `json:"max_memory_mb"`
		HostDedicationID json.RawMessage `json:"host_dedication_id"`
		PersistRootfs    json.RawMessage `json:"persist_rootfs"`
	} `json:"guest"`
}

// kept returns what of that is set, and each of the users' metadata.
func (l listedConfig) kept() map[string]json.RawMessage {
	var out map[string]json.RawMessage
	set := func(field string, value json.RawMessage) {
		switch string(value) {
		case "", "null", "false", "0", `""`, "[]":
			return
		}
		if out == nil {
			out = map[string]json.RawMessage{}
		}
		var short bytes.Buffer
		_ = json.Compact(&short, value) // it has been read as JSON
		out[field] = short.Bytes()
	}
	set("dns.skip_registration", l.DNS.SkipRegistration)
	set("schedule", l.Schedule)
	set("auto_destroy", l.AutoDestroy)
	set("rootfs", l.Rootfs)
	set("cache_drive", l.CacheDrive)
	set("spot", l.Spot)
	set("init.tty", l.Init.TTY)
	set("init.kernel_args", l.Init.KernelArgs)
	set("guest.kernel_args", l.Guest.KernelArgs)
	set("guest.max_memory_mb", l.Guest.MaxMemoryMB)
	set("guest.host_dedication_id", l.Guest.HostDedicationID)
	set("guest.persist_rootfs", l.Guest.PersistRootfs)
	if len(l.Containers) > 0 {
		containers, _ := json.Marshal(l.Containers) // they have been read as JSON
		set("containers", containers)
	}
	for key, value := range l.Metadata {
		if !strings.HasPrefix(key, "fly_") && !strings.HasPrefix(key, "fly-") && key != "process_group" {
			text, _ := json.Marshal(value) // a text always can be
			set("metadata."+key, text)
		}
	}
	return out
}

type listedService struct {
	Service
	Autostop autostop `json:"autostop"`
}

func (l listedConfig) config() Config {
	c := l.Config
	c.Guest, c.Kept = l.Guest.Guest, l.kept()
	for _, s := range l.Services {
		s.Service.Autostop = string(s.Autostop)
		c.Services = append(c.Services, s.Service)
	}
	c.StopConfig = l.StopConfig.StopConfig
	c.StopConfig.Timeout = time.Duration(l.StopConfig.Timeout)
	return c
}

// duration is written as "5s", or as nanoseconds; null and "" are 0.
type duration time.Duration

// UnmarshalJSON implements [json.Unmarshaler].
func (d *duration) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return json.Unmarshal(data, (*int64)(d))
	}
	v, err := time.ParseDuration(cmp.Or(s, "0"))
	*d = duration(v)
	return err
}

// autostop is written as a word, or as false for off and true for stop.
type autostop string

// UnmarshalJSON implements [json.Unmarshaler].
func (a *autostop) UnmarshalJSON(data []byte) error {
	if word, ok := map[string]autostop{"false": "off", "null": "off", "true": "stop"}[string(data)]; ok {
		*a = word
		return nil
	}
	return json.Unmarshal(data, (*string)(a))
}
