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
	const call, bootAndPass = 50 * time.Millisecond, 3 * time.Second
	made := call
	if !unlimited {
		made += time.Duration(max(machines-3, 0)) * time.Second
	}
	return result{least: 1, both: propagation + call, cutover: made + bootAndPass + 3*call + propagation + call}
}
