// Package probe counts the open connections of Fly machines, so that a drain
// knows when a machine is idle.
//
// A [Probe] is asked about many machines at once, and returns a [Reading] for
// each: a count, or why there is none. Unknown is an answer, and never zero: a
// machine whose count is unknown is kept.
//
// Start with [Sockets]. It is the default, and needs nothing but "cat" in the
// image. What each probe counts:
//
//   - [Sockets]: the TCP connections to the ports of the machine's services, from
//     the kernel's tables.
//   - [Prometheus]: the connections or requests that Fly's proxy counts, from Fly's
//     metrics. https://fly.io/docs/monitoring/metrics/
//   - [Exec]: the number that a command in the machine prints, such as the jobs
//     that a worker still has.
//   - [Func]: whatever a Go function counts.
//   - [Highest]: the highest count of several probes.
//
// What an app publishes itself ([metrics] in fly.toml), its "cat" and its /proc belong
// to the app: it can make its own machines look busy or idle, and no others.
package probe
