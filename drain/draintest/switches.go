package draintest

import "time"

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
	ExecCuts    bool          `json:"exec_cuts,omitempty"`    // what is beyond is left out, without an error
	ExecStopped bool          `json:"exec_stopped,omitempty"` // runs in stopped machines too
}
