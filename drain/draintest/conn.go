package draintest

import "time"

// A conn is a client's connection.
type conn struct {
	ID      int           `json:"id"`
	App     string        `json:"app"`
	Group   string        `json:"group"`
	Region  string        `json:"region,omitempty"`  // the client's
	Machine string        `json:"machine,omitempty"` // "" while a machine is started for it
	Lives   time.Duration `json:"lives,omitempty"`   // 0 is for ever
	Tries   int           `json:"tries,omitempty"`
	Kind    string        `json:"kind,omitempty"` // of what the edge has: websocket, stream, h2, tcp, request
	Port    int           `json:"port,omitempty"` // internal, 0 is any
}

// A Load is a stream of connections: one every Every until Until, whose
// lifetimes are spread evenly, and always the same, between Min and Max.
type Load struct {
	App    string        `json:"app"`
	Group  string        `json:"group,omitempty"`  // "" is the first with services
	Region string        `json:"region,omitempty"` // the clients'
	Every  time.Duration `json:"every"`
	Min    time.Duration `json:"min"`
	Max    time.Duration `json:"max"`
	Until  time.Time     `json:"until"`
	Made   int           `json:"made,omitempty"`
}
