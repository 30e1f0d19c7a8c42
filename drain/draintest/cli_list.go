package draintest

import (
	"fmt"
	"slices"
	"strconv"
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
	Events     []Entry         `json:"events,omitempty"`
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

func refOf(image, digest string) imageRef {
	image, pinned, _ := strings.Cut(image, "@")
	if digest == "" {
		digest = pinned
	}
	r := imageRef{Digest: digest}
	rest := image
	if host, path, ok := strings.Cut(image, "/"); ok && strings.ContainsAny(host, ".:") {
		r.Registry, rest = host, path
	}
	r.Repository, r.Tag, _ = strings.Cut(rest, ":")
	return r
}

// show renders a machine as it was at a moment.
func (w *World) show(m *Machine, at Moment) shown {
	instance := fmt.Sprintf("01J%023d", m.Instance)
	s := shown{
		ID: m.ID, Name: m.Name, State: at.State, Region: m.Region, ImageRef: refOf(m.Config.Image, m.Digest),
		Instance: instance, Version: instance, PrivateIP: "fdaa:0:1::" + m.ID[len(m.ID)-4:],
		CreatedAt: m.Born.UTC().Format(time.RFC3339), UpdatedAt: m.Updated.UTC().Format(time.RFC3339),
		Config: &m.Config, Events: m.Events, Checks: w.statuses(m, at), HostStatus: m.Host, Cordoned: &at.Cordoned,
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

func (w *World) statuses(m *Machine, at Moment) []checkStatus {
	if at.State == "created" || at.State == "starting" {
		return nil // just launched
	}
	one := checkStatus{Status: "critical", UpdatedAt: at.At.UTC().Format(time.RFC3339)}
	if at.Passing {
		one.Status = "passing"
	}
	var all []checkStatus
	for i, s := range m.Config.Services {
		for j, c := range s.Checks {
			one.Name = fmt.Sprintf("servicecheck-%02d-%s-%d", i+j, c.Type, s.InternalPort)
			all = append(all, one)
		}
	}
	for _, name := range sortedKeys(m.Config.Checks) {
		one.Name = name
		all = append(all, one)
	}
	return all
}

// moment is how a machine looked some time ago; false when it was not there.
func (w *World) moment(m *Machine, age time.Duration) (Moment, bool) {
	if at := w.Now.Add(-age); age > 0 {
		if m.Born.After(at) || !m.Gone.IsZero() && !m.Gone.After(at) {
			return Moment{}, false
		}
		for _, p := range slices.Backward(m.Past) {
			if !p.At.After(at) {
				return p, true
			}
		}
	}
	var last time.Time
	if n := len(m.Past); n > 0 {
		last = m.Past[n-1].At
	}
	return Moment{last, m.State, m.Cordoned, m.Passing}, m.State != "destroyed"
}

// view is the list as the platform answers it now, faults of view and all.
func (w *World) view(app string, fault Fault) []shown {
	list := []shown{}
	ids := w.Apps[app].Machines
	if fault.View == "stale" {
		ids = nil // also those that are gone since
		for _, id := range sortedKeys(w.Machines) {
			if w.Machines[id].App == app {
				ids = append(ids, id)
			}
		}
	}
	lacks := older(w.Version, 0, 4, 69) || fault.View == "no-cordoned"
	for _, id := range ids {
		m := w.Machines[id]
		var age time.Duration
		if fault.View == "stale" {
			age = fault.Age
		}
		at, there := w.moment(m, age)
		if !there || fault.View == "empty" || fault.View == "short" && m.Region == fault.Region {
			continue
		}
		s := w.show(m, at)
		if lacks {
			s.Cordoned = nil
		}
		list = append(list, s)
	}
	return list
}

// older says whether a version is before another; calendar versions are not.
func older(version string, than ...int) bool {
	version, _, _ = strings.Cut(version, "-")
	for i, part := range strings.SplitN(version, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil || n > than[i] {
			return false
		}
		if n < than[i] {
			return true
		}
	}
	return false
}

func (s *session) list() error {
	var data []byte
	var ids []string
	err := s.call("list", "", func(w *World) error {
		if _, err := w.app(s.app); err != nil {
			return err
		}
		var fault Fault
		if f := w.viewFault(s); f != nil {
			fault = *f
		}
		list := w.view(s.app, fault)
		for _, m := range list {
			ids = append(ids, m.ID)
		}
		if !s.on("json") {
			return nil
		}
		var err error
		data, err = printed(list)
		return err
	})
	switch {
	case err != nil:
		return wrap(err, "failed to list VMs: %w", err)
	case s.on("json"):
		_, err = s.out.Write(data)
		return err
	case len(ids) == 0:
		if !s.on("quiet") {
			fmt.Fprintf(s.out, "No machines are available on this app %s\n", s.app)
		}
	default:
		if !s.on("quiet") {
			fmt.Fprintf(s.out, "%d machines have been retrieved from app %s.\nView them in the UI here\n\n", len(ids), s.app)
		}
		for _, id := range ids {
			fmt.Fprintf(s.out, " %s \n", id)
		}
		fmt.Fprintln(s.out)
	}
	return nil
}
