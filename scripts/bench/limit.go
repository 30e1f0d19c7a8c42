package main

import "time"

// propagation is how long a change of routing is given to be known everywhere: as long
// as flyctl waits, too.
const propagation = 10 * time.Second

const limitName = "what no way could beat"

// limit is what no way could beat that waits for what is safe: Fly creates three
// machines at once and then one a second; the last one boots and passes its checks;
// two lists show that; then each machine is uncordoned side by side, with one call,
// and after the propagation time each old one is cordoned.
func limit(machines int, unlimited bool) result {
	const (
		call        = 50 * time.Millisecond
		bootAndPass = 3 * time.Second
		burst       = 3
	)
	made := call
	if !unlimited {
		made += time.Duration(max(machines-burst, 0)) * time.Second
	}
	both := propagation + call
	return result{least: 1, both: both, cutover: made + bootAndPass + 3*call + both}
}
