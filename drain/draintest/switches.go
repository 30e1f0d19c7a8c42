package draintest

import (
	"cmp"
	"slices"
	"time"
)

// switches are what only the real platform can tell of Fly. Zero is what is believed
// of it; scripts/prove looks at each, and must notice when it is otherwise. The rest
// of what it looks at has other fields: Propagation, the view of a [Fault], [Metrics].
type switches struct {
	CordonCuts  []string `json:"cordon_cuts,omitempty"`  // connections that a cordon ends: websocket, stream, h2, tcp
	CordonLost  []string `json:"cordon_lost,omitempty"`  // what ends a cordon: start, restart, update
	CordonTells bool     `json:"cordon_tells,omitempty"` // a cordon is an event, and changes updated_at
	ForceFails  bool     `json:"force_fails,omitempty"`  // fly-force-instance-id does not reach a cordoned machine

	LocalProxy      bool          `json:"local_proxy,omitempty"`      // the proxy's connections come from loopback
	ChecksStay      bool          `json:"checks_stay,omitempty"`      // a health check leaves a connection
	PoolRequests    time.Duration `json:"pool_requests,omitempty"`    // how long one without a request stays with type requests, 0 is 4 s
	PoolConnections time.Duration `json:"pool_connections,omitempty"` // the same with type connections

	ExecTime    time.Duration `json:"exec_time,omitempty"`    // that a command in a machine has, 0 is 30 s
	ExecMost    int           `json:"exec_most,omitempty"`    // bytes that it may print, 0 is 10 MiB
	ExecCuts    bool          `json:"exec_cuts,omitempty"`    // what is beyond is left out, and is no error
	ExecStopped bool          `json:"exec_stopped,omitempty"` // runs in stopped machines too
}

// loses lets what happens to a machine end its cordon.
func (w *World) loses(m *Machine, by string) {
	if m.Cordoned && slices.Contains(w.CordonLost, by) {
		w.setCordon(m, false)
	}
}

// propagated is a cordon, or the end of one, that the proxies have learnt of.
func (w *World) propagated(m *Machine, cordoned bool) {
	m.Hidden = cordoned
	for _, c := range m.clients() {
		if cordoned && slices.Contains(w.CordonCuts, c.Kind) {
			w.cut(m, c, "platform: cordon")
		}
	}
}

// pooled is a connection of the proxy that has no request.
type pooled struct {
	Port  int       `json:"port"`
	Until time.Time `json:"until"`
}

// pool keeps the connection of a request that has ended, as the proxy does.
func (w *World) pool(m *Machine, port int) {
	stays := cmp.Or(w.PoolRequests, 4*time.Second)
	for _, s := range m.Config.Services {
		if c := s.Concurrency; s.InternalPort == port && (c == nil || c.Type != "requests") {
			stays = w.PoolConnections
		}
	}
	m.Pooled = slices.DeleteFunc(m.Pooled, func(p pooled) bool { return !p.Until.After(w.Now) })
	if stays > 0 {
		m.Pooled = append(m.Pooled, pooled{port, w.Now.Add(stays)})
	}
}
