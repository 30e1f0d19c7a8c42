package main

import (
	"slices"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// scene is the app as the facts find it: its machines, and connections to them.
type scene struct {
	*prover
	app, dir, image string
	client          *flyctl.Client
	made            bool // the app, perhaps

	blue  string // gets cordoned, with held on it
	other string // serves, with control on it
	idle  string // serves, and nothing stays on it
	spare string // cordoned, with nothing on it

	before map[string]any // the spare's row before its cordon

	held     []*visit         // of each kind that could be opened
	control  []*visit         // of the same: what happens to these too, the cordon did not do
	unopened map[string]error // by kind
	cordoned time.Time        // when blue was
}

func (s *scene) close() {
	for _, v := range slices.Concat(s.held, s.control) {
		v.close()
	}
	s.held, s.control = nil, nil
}
