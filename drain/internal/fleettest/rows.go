// Package fleettest writes machine lists as short lines, for tests.
package fleettest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// Epoch is when the newest release of a line began.
var Epoch = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// Release is the id of a release: 0 is the oldest, 2 began at [Epoch], and there is
// an hour between two.
func Release(n int) string {
	return Epoch.Add(time.Duration(n-2)*time.Hour).Format("20060102T150405Z") + "-000abcd"
}

// Rows reads the machine rows of an app, with commas between them:
//
//	b1, b2 lhr cordoned, g1 critical, g2 worker stopped
//
// A row is an id and words. The id's first letter says whose machine it is: e, b
// and g are of releases 0, 1 and 2; u has no mark and is older than all of them;
// s is of release 1, and n has no mark, and both were created after release 2
// began; x is not managed. Its number says how many seconds after its release began
// it was created. Without other words it is a healthy machine of group app in iad,
// one of two of its release, with one service that has one check.
func Rows(line string) []flyctl.Machine {
	rows := []flyctl.Machine{}
	for row := range strings.SplitSeq(line, ",") {
		if words := strings.Fields(row); len(words) > 0 {
			rows = append(rows, machine(words[0], words[1:]))
		}
	}
	return rows
}

func machine(id string, words []string) flyctl.Machine {
	m := flyctl.Machine{ID: id, Region: "iad", State: "started", HostStatus: "ok", Checks: []flyctl.Check{{Name: "http", Status: "passing"}}}
	m.Config = flyctl.Config{
		Image:    "registry.fly.io/my-app:v" + id[:1],
		Env:      map[string]string{},
		Metadata: map[string]string{"fly_process_group": "app", "fly_platform_version": "v2"},
		Services: []flyctl.Service{{InternalPort: 8080, Checks: []json.RawMessage{[]byte("{}")}}},
	}
	release, since := -1, Epoch
	switch id[0] {
	case 'e', 'b', 'g':
		release = strings.IndexByte("ebg", id[0])
		since = Epoch.Add(time.Duration(release-2) * time.Hour)
	case 's':
		release, since = 1, Epoch.Add(time.Minute)
	case 'u':
		since = Epoch.Add(-3 * time.Hour)
	case 'n':
		since = Epoch.Add(time.Minute)
	case 'x':
		delete(m.Config.Metadata, "fly_platform_version")
	default:
		panic("whose machine is " + id + "?")
	}
	number, err := strconv.Atoi(id[1:])
	if err != nil {
		panic(err)
	}
	m.CreatedAt = since.Add(time.Duration(number) * time.Second)
	apps, of, over := "1", "2", ""
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "apps":
			apps = value
		case "of":
			of = value
		case "over": // the release of e or b, or none
			if over = "/over=" + value; value != "none" {
				over = "/over=" + Release(strings.Index("eb", value))
			}
		default:
			set(&m, name, value)
		}
	}
	if _, marked := m.Config.Env["FLYDRAIN"]; !marked && release >= 0 && m.Config.Env != nil {
		m.Config.Env["FLYDRAIN"] = fmt.Sprintf("%s/%s/%s%s", Release(release), apps, of, over)
	}
	return m
}

func set(m *flyctl.Machine, name, value string) {
	c := &m.Config
	switch name {
	case "cordoned":
		m.Cordoned = true
	case "created", "starting", "stopped", "suspended", "destroying", "destroyed":
		m.State = name
	case "iad", "lhr", "nrt":
		m.Region = name
	case "web": // a second group with services
		c.Metadata["fly_process_group"] = name
	case "worker", "jobs": // groups without
		c.Metadata["fly_process_group"], c.Services, m.Checks = name, nil, nil
	case "plain": // without a check
		m.Checks = nil
		for i := range c.Services {
			c.Services[i].Checks = nil
		}
	case "alive": // has a check that is of no service
		c.Checks = map[string]json.RawMessage{"alive": []byte("{}")}
		m.Checks = append(m.Checks, flyctl.Check{Name: "alive", Status: "passing"})
	case "warning", "critical":
		m.Checks[0].Status, m.Checks[0].Output = name, value
	case "silent": // no check has answered
		m.Checks = nil
	case "autostart":
		c.Services[0].Autostart = true
	case "exit": // of its program
		code, err := strconv.Atoi(value)
		if err != nil {
			panic(err)
		}
		m.Events = append(m.Events, exit(flyctl.Exit{ExitCode: code}))
	case "oom": // its program was killed for lack of memory
		m.Events = append(m.Events, exit(flyctl.Exit{ExitCode: 137, OOMKilled: true}))
	case "asked": // to stop, by a user or the proxy
		m.Events = append(m.Events, exit(flyctl.Exit{ExitCode: 137, RequestedStop: true}))
	case "start": // of its VM, in milliseconds since 1970
		at, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			panic(err)
		}
		m.Events = append(m.Events, flyctl.Event{Type: "start", Timestamp: at})
	case "standby": // for that machine
		c.Standbys = append(c.Standbys, value)
	case "mb":
		mb, err := strconv.Atoi(value)
		if err != nil {
			panic(err)
		}
		c.Guest = flyctl.Guest{CPUKind: "shared", CPUs: 1, MemoryMB: mb}
	case "mark":
		c.Env["FLYDRAIN"] = value
	case "born": // so long after Epoch
		after, err := time.ParseDuration(value)
		if err != nil {
			panic(err)
		}
		m.CreatedAt = Epoch.Add(after)
	case "ungrouped":
		delete(c.Metadata, "fly_process_group")
	case "1970": // as a machine is listed whose host is lost
		m.CreatedAt, m.Thin, m.ImageRef = time.Unix(0, 0).UTC(), true, flyctl.ImageRef{Repository: "my-app"}
	case "unreachable":
		m.HostStatus = name
	case "lost": // as flyctl lists a machine whose host is not reached: its row does not say what services it has
		m.HostStatus, m.Checks, c.Services = "unreachable", nil, nil
	case "thin": // as flyctl lists a machine when it knows only that it exists
		*m = flyctl.Machine{ID: m.ID, Region: m.Region, HostStatus: "ok", Thin: true}
	default:
		panic("a row cannot have " + name)
	}
}

func exit(e flyctl.Exit) flyctl.Event {
	event := flyctl.Event{Type: "exit", Timestamp: 1}
	event.Request.Exit = &e
	return event
}
