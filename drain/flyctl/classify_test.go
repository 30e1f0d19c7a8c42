package flyctl

import (
	"strings"
	"testing"
)

// What flyctl v0.4.87 gives as its reason, as a real one printed it or as its
// source has it.
var reasons = []struct {
	kind   error
	reason string
}{
	{ErrUnauthorized, "no access token available. Please login with 'flyctl auth login'"},
	{ErrUnauthorized, "failed to list VMs: unauthorized (Request ID: 01K00000000000000000017358-iad)"},
	{ErrUnauthorized, "failed to list VMs: request returned non-2xx status: 401: nope (Request ID: 01K00000000000000000017338-iad)"},
	{ErrUnauthorized, "failed to list VMs: request returned non-2xx status: 403: <html>"},
	{ErrUnauthorized, "failed to list VMs: forbidden (Request ID: 01K00000000000000000017339-iad)"},
	{ErrUnauthorized, "failed to obtain lease: failed to get lease on VM 01781000001eef: unauthorized (Request ID: 01K000000000000000000173D5-iad)"},
	{ErrUnauthorized, "could not get app 'my-app': server returned a non-200 status code: 401"},
	{ErrUnauthorized, "failed to set release status to 'running': failed to update release (status 403): <html>"},
	{ErrUnauthorized, "You must be authenticated to view this."},
	{ErrUnauthorized, "Not authorized to access this app"},
	{ErrUnauthorized, "update secrets: failed to fetch discharge tokens: tp error (401): unauthorized"},
	{ErrUnauthorized, "error listing active machines for my-app app: failed to list VMs: unauthorized (Request ID: 01K0-iad) (Trace ID: fc0c8a6bb7b181e8e5a37c3f4590567f)"},

	{ErrAppNotFound, "failed to list VMs: app not found (Request ID: 01K00000000000000000017349-iad)"},
	{ErrAppNotFound, "could not get machine 01781000001eef: failed to get VM 01781000001eef: app not found (Request ID: 01K0-iad)"},
	{ErrAppNotFound, "the app name my-app could not be found, did you create the app or misspell it in the fly.toml file or via -a?"},
	{ErrAppNotFound, `Could not find App "nope"`},

	{ErrMachineNotFound, "machine nope123 was not found in app 'my-app'"},
	{ErrMachineNotFound, "machine 01781000001eef has already been destroyed"},
	{ErrMachineNotFound, "failed to obtain lease: failed to get lease on VM 01781000001eef: machine not found"},
	{ErrMachineNotFound, "machine 01781000001eef was not found in app 'forbidden-eof'"}, // an app's name is not a reason

	{ErrMachineState, "machine 01781000013556 currently started, either stop first or use --force flag"},
	{ErrMachineState, "could not exec command on machine 01781000001eef: failed to exec on VM 01781000001eef: failed_precondition: machine not running"},
	{ErrMachineState, "machine 01781000013556 is in a created state and cannot be destroyed since it is not stopped or suspended, either stop first or use --force flag"},

	{ErrImageNotFound, `failed to fetch an image or build from source: could not find image "registry.fly.io/my-app:missing"`},
	{ErrImageNotFound, "failed to fetch an image or build from source: Could not find image"},
	{ErrImageNotFound, "failed to launch VM: MANIFEST_UNKNOWN: manifest unknown; unknown tag=v2"},

	{ErrNoConfig, "No local fly.toml found"},
	{ErrNoConfig, "config file not found at specified path: nope.toml (also tried: nope.toml/fly.toml)"},
	{ErrNoConfig, "failed loading app config from /app/fly.toml: row 2 column 5"},
	{ErrNoConfig, "App configuration is not valid"},

	{ErrLeaseHeld, "failed to obtain lease: failed to get lease on VM 01781000017334: lease currently held by test@example.com"},
	{ErrLeaseHeld, "failed to launch VM: machine ID 3d8d413b29d089 lease currently held by someone, expires at 2026-11-22T19:33:16Z"},

	{ErrLeaseHeld, "failed to obtain lease: failed to get lease on VM 01781000001eef: resource_exhausted: rate limit exceeded (Request ID: 01K0-iad)"},
	{ErrLeaseHeld, "failed to obtain lease: failed to get lease on VM 01781000001eef: request returned non-2xx status: 429: <html>"},

	{ErrRateLimited, "failed to create release (status 429): x"},
	{ErrRateLimited, "failed to list VMs: resource_exhausted: rate limit exceeded (Request ID: 01K0000000000000000003632C-iad)"},
	{ErrRateLimited, "failed to cordon VM: request returned non-2xx status: 429: slow down"},
	{ErrRateLimited, "failed to list VMs: Too Many Requests"},

	{ErrTransient, "failed to list VMs: request returned non-2xx status: 503: <html>"},
	{ErrTransient, "failed to list VMs: request returned non-2xx status: 504: gateway"},
	{ErrTransient, "failed to list VMs: request returned non-2xx status: 408: "},
	{ErrTransient, "failed to obtain lease: failed to get lease on VM 01781000001eef: unavailable: no flaps"},
	{ErrTransient, "failed to list VMs: internal: server error (Request ID: 01K0-iad)"},
	{ErrTransient, "failed to list VMs: failed decoding response: invalid character '<' looking for beginning of value"},
	{ErrTransient, "failed to update release (status 504): "},
	{ErrTransient, "could not get app 'my-app': server returned a non-200 status code: 503"},
	{ErrTransient, `failed to launch VM: Post "http://x": net/http: HTTP/1.x transport connection broken: http: ContentLength=902 with Body length 0`},
	{ErrTransient, `failed to list VMs: Get "http://x": dial tcp 127.0.0.1:1: connect: connection refused`},
	{ErrTransient, "failed to list VMs: internal server error (Request ID: 01K0000000000000000001733E-iad)"},
	{ErrTransient, `failed to list VMs: Get "http://127.0.0.1:4390/v1/apps/my-app/machines": read tcp 127.0.0.1:60276->127.0.0.1:4390: read: connection reset by peer`},
	{ErrTransient, `failed to list VMs: Get "http://127.0.0.1:4390/v1/apps/my-app/machines": EOF`},
	{ErrTransient, "failed to list VMs: failed decoding response: unexpected EOF"},
	{ErrTransient, `failed to list VMs: Get "https://api.machines.dev/v1/": dial tcp: lookup api.machines.dev: no such host`},
	{ErrTransient, "failed to exec on VM 01781000001eef: deadline_exceeded: request timed out"},
	{ErrTransient, "context deadline exceeded"},
	{ErrTransient, "failed to fetch an image or build from source: error connecting to builder: i/o timeout"}, // not a missing image

	{ErrUsage, "accepts between 0 and 1 arg(s), received 2"},
	{ErrUsage, "yes flag must be specified when not running interactively"},
	{ErrUsage, "unknown flag: --bogus"},
	{ErrUsage, "a machine ID must be specified when not running interactively"},

	{nil, "failed to list VMs: API returned unexpected status, 302"},
	{ErrTransient, "could not start machine 01781000001eef: failed to start VM 01781000001eef: failed_precondition: unable to start machine from current state: 'replacing'"},
	{nil, "could not start machine 01781000001eef: failed to start VM 01781000001eef: failed_precondition: unable to start machine from current state: 'destroying'"},
	{ErrMachineState, "could not destroy machine 01781000001eef: failed to destroy VM 01781000001eef: failed_precondition: unable to destroy machine, not currently stopped, suspended or failed"},
	{nil, "failed to launch VM: To create more than 1 machine per app please add a payment method. https://fly.io/dashboard/personal/billing"},
	{nil, "failed to cordon VM: injected fault"},
	{nil, "failed to obtain lease: failed to get lease on VM 01781000001eef: injected fault"}, // whose lease?
	{nil, "failed to list VMs:  (Request ID: 01K0000000000000000001733D-iad)"},
	{nil, "failed to list VMs: request returned non-2xx status: 404: 404 page not found"},
	{nil, "could not get machine 01781000001eef: failed to get VM 01781000001eef: request returned non-2xx status: 404: 404 page not found"},
	{nil, "failed to fetch an image or build from source: error building: failed to solve: process \"/bin/sh -c false\" did not complete successfully: exit code: 1"},
	{nil, "could not start machine due to lack of capacity. Try 'flyctl machine clone 01781000001eef -a my-app'"},
	{nil, "app can't undergo bluegreen deployment due to org limits"},
	{nil, "timeout reached waiting for health checks to pass for machine 0178100003dde0: failed to get VM 0178100003dde0: Get \"http://x\": net/http: request canceled"},
}

func TestEachReasonIsToldApart(t *testing.T) {
	for _, tc := range reasons {
		t.Run(tc.reason, func(t *testing.T) {
			err := newError("my-app", call{}, failed(tc.reason), nil)
			wantKind(t, err, tc.kind)
			if err.ExitCode != 1 || err.Message != strings.Join(strings.Fields(tc.reason), " ") {
				t.Errorf("exit code %d, message %q", err.ExitCode, err.Message)
			}
		})
	}
}

// A name is not a meaning.
func TestAReasonIsToldWithoutTheNamesInIt(t *testing.T) {
	for _, app := range []string{"rate-limiter", "unavailable-web", "forbidden-api", "app-not-found"} {
		for reason, kind := range map[string]error{
			"could not start machine due to lack of capacity. Try 'flyctl machine clone 01781000001eef -a " + app + "'": nil,
			"failed to get app " + app + ": request returned non-2xx status: 503":                                       ErrTransient,
		} {
			wantKind(t, newError(app, call{}, failed(reason), nil), kind)
			wantKind(t, newError("", call{args: []string{"machine", "clone", "--app", app}}, failed(reason), nil), kind)
		}
	}
	image := "registry.fly.io/my-app:rate-limit"
	wantKind(t, newError("my-app", call{args: []string{"deploy", "--image", image}}, failed("cannot run "+image), nil), nil)
}

func TestTheRecordedFailuresAreToldApart(t *testing.T) {
	for title, kind := range map[string]error{
		"an app that does not exist":               ErrAppNotFound,
		"cordon an unknown machine":                ErrMachineNotFound,
		"destroy a started machine":                ErrMachineState,
		"another client holds the machine's lease": ErrLeaseHeld,
		"no token":                             ErrUnauthorized,
		"the API answers 500 to a cordon":      nil, // only the API's own words
		"the API answers 429 to a list":        nil,
		"green never becomes healthy":          nil,
		"step 5 as the thread spells it":       ErrUsage,
		"update without --yes, not a terminal": ErrUsage,
	} {
		t.Run(title, func(t *testing.T) { wantKind(t, newError("my-app", call{}, transcript(t, title), nil), kind) })
	}
}
