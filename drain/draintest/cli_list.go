package draintest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/draintest/internal/config"
)

// shown is a machine as flyctl prints it.
type shown struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	State      string          `json:"state"`
	Region     string          `json:"region"`
	ImageRef   imageRef        `json:"image_ref"`
	Instance   string          `json:"instance_id"`
	Version    string          `json:"version"`
	PrivateIP  string          `json:"private_ip"`
	CreatedAt  string          `json:"created_at"`
	UpdatedAt  string          `json:"updated_at"`
	Config     *config.Machine `json:"config,omitempty"`
	Events     []entry         `json:"events,omitempty"`
	Checks     []checkStatus   `json:"checks,omitempty"`
	Nonce      string          `json:"nonce,omitempty"`
	HostStatus string          `json:"host_status,omitempty"`
	Cordoned   *bool           `json:"cordoned,omitempty"`
	Incomplete *config.Machine `json:"incomplete_config,omitempty"`
}

type imageRef struct {
	Registry   string `json:"registry,omitempty"`
	Repository string `json:"repository,omitempty"`
	Tag        string `json:"tag,omitempty"`
	Digest     string `json:"digest,omitempty"`
}

type checkStatus struct {
	Name      string `json:"name"`
	Status    string `json:"status"`
	Output    string `json:"output,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

func refOf(image string) (r imageRef) {
	image, r.Digest, _ = strings.Cut(image, "@")
	if host, path, ok := strings.Cut(image, "/"); ok && strings.ContainsAny(host, ".:") {
		r.Registry, image = host, path
	}
	r.Repository, r.Tag, _ = strings.Cut(image, ":")
	return r
}

// show renders a machine as it was at a moment.
func (w *World) show(m *Machine, at moment) shown {
	instance := fmt.Sprintf("01J%023d", m.Instance)
	s := shown{
		ID: m.ID, Name: m.Name, State: at.State, Region: m.Region, ImageRef: refOf(m.Config.Image),
		Instance: instance, Version: instance, PrivateIP: "fdaa:0:1::" + m.ID[len(m.ID)-4:],
		CreatedAt: m.Born.UTC().Format(time.RFC3339), UpdatedAt: m.Updated.UTC().Format(time.RFC3339),
		Config: &m.Config, Events: m.Events, Checks: m.statuses(at), HostStatus: m.Host, Cordoned: &at.Cordoned,
	}
	if l := w.leased(m); l != nil {
		s.Nonce = l.Nonce
	}
	if m.Host != "ok" {
		// What the platform still knows of a machine whose host does not answer.
		s.Config, s.Checks = nil, nil
		s.Incomplete = &config.Machine{Env: m.Config.Env, Metadata: m.Config.Metadata, Guest: m.Config.Guest, Image: m.Config.Image}
	}
	return s
}

func (m *Machine) statuses(at moment) (all []checkStatus) {
	if at.State == "created" || at.State == "starting" {
		return nil // just launched
	}
	one := checkStatus{Status: "critical", UpdatedAt: at.At.UTC().Format(time.RFC3339)}
	if at.Passing {
		one.Status = "passing"
	}
	for i, s := range m.Config.Services {
		for j, c := range s.Checks {
			one.Name = fmt.Sprintf("servicecheck-%02d-%s-%d", i+j, c.Type, s.InternalPort)
			all = append(all, one)
		}
	}
	for _, one.Name = range sortedKeys(m.Config.Checks) {
		all = append(all, one)
	}
	return all
}

// moment is how a machine looked some time ago; false when it was not there.
func (w *World) moment(m *Machine, age time.Duration) (moment, bool) {
	at := w.Now.Add(-age)
	if m.Born.After(at) || !m.Gone.IsZero() && !m.Gone.After(at) {
		return moment{}, false
	}
	now := moment{State: m.State, Cordoned: m.Cordoned, Passing: m.Passing}
	for _, p := range slices.Backward(m.Past) {
		if age == 0 {
			now.At = p.At
			break
		}
		if !p.At.After(at) {
			return p, true
		}
	}
	return now, true
}

// view is the list as the platform answers it now, with what a fault makes of it.
func (w *World) view(app string, fault Fault) []shown {
	list, ids, age := []shown{}, w.Apps[app].Machines, time.Duration(0)
	if fault.View == "stale" {
		ids, age = sortedKeys(w.Machines), fault.Age // also those that are gone since
	}
	for _, id := range ids {
		m := w.Machines[id]
		at, there := w.moment(m, age)
		if !there || m.App != app || fault.View == "empty" || fault.View == "short" && (m.Region == fault.Region || id == fault.Machine) {
			continue
		}
		s := w.show(m, at)
		if fault.Machine == "" || fault.Machine == id {
			s.spoil(fault.View)
		}
		if older(w.Version) {
			s.Cordoned = nil
		}
		list = append(list, s)
	}
	return list
}

// spoil takes from a row what a view lacks.
func (s *shown) spoil(view string) {
	switch view {
	case "no-cordoned":
		s.Cordoned = nil
	case "no-config":
		s.Config, s.Incomplete, s.Checks = nil, nil, nil
	case "no-image":
		s.ImageRef = imageRef{}
	case "1970":
		s.CreatedAt, s.UpdatedAt = "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"
	}
}

// older reports whether a version is before 0.4.69, the first that lists cordons;
// those that are dates are not.
func older(version string) bool {
	var major, minor, patch int
	n, _ := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch)
	return n == 3 && (major*1000+minor)*1000+patch < 4069
}

func (s *session) list() error {
	var list []shown
	var data []byte
	err := s.callApp("list", func(w *World, _ *App) (err error) {
		list = w.view(s.app, w.strikeList(s.name, s.app))
		// At once: what it points to changes. Where no person reads it, it has no
		// indents: they are most of it.
		if _, process := s.driver.(*folder); process {
			data, err = printed(list)
		} else {
			data, err = json.Marshal(list)
			data = append(data, '\n')
		}
		return err
	})
	switch {
	case err != nil:
		return wrap(err, "failed to list VMs: %w", err)
	case s.on("json"):
		_, err = s.out.Write(data)
		return err
	case len(list) == 0 && s.on("quiet"):
		return nil
	case len(list) == 0:
		_, err = fmt.Fprintf(s.out, "No machines are available on this app %s\n", s.app)
		return err
	case !s.on("quiet"):
		fmt.Fprintf(s.out, "%d machines have been retrieved from app %s.\nView them in the UI here\n\n", len(list), s.app)
	}
	for _, m := range list {
		fmt.Fprintf(s.out, " %s \n", m.ID)
	}
	fmt.Fprintln(s.out)
	return nil
}
