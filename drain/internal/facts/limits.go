package facts

import "time"

// Limits that what a run knows and what it does next share, each with its reason.
const (
	RefusedLag = 3 * time.Second  // until a list shows what a command made that flyctl says has failed
	regionLag  = 10 * time.Minute // until a list is believed that lacks a whole region (infra log of April 2026)
	Gap        = 5 * time.Second  // between two lists, in which a machine can come up and fall ill
	Tries      = 3                // of a command that fails for good
	CordonFor  = 2 * time.Minute  // of a command whose failure may pass, such as a cordon
)
