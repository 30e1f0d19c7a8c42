package rollout

import "time"

// Every limit of the package, with its reason.
const (
	// What a list is believed.
	refusedLag = 3 * time.Second  // where flyctl says that it failed
	regionLag  = 10 * time.Minute // a region that is missing whole (infra log of April 2026)
	gap        = 5 * time.Second  // between two lists, in which a machine can come up and fall ill
	minute     = time.Minute      // longer than a check's interval, and than a restart

	// How often and for how long something is tried.
	tries       = 3
	CordonFor   = 2 * time.Minute // cordons and uncordons
	stall       = time.Hour       // a deploy that creates no machine: flyctl runs a release command first, which may take its time
	silence     = 5 * time.Minute // a deploy that has made everything and does not end; machines that cannot be cloned because their hosts cannot be reached
	backTimeout = 5 * time.Minute // Back waits for blue to be enough, and for green to be idle, where the health timeout has no limit

	// What looks half done may be another run's that is at work, or a dead one's whose
	// flyctl still is: nothing is cordoned or uncordoned until nothing has changed for so
	// long, and after too long another release is at work.
	quiet   = 40 * time.Second
	tooLong = 5 * quiet
)
