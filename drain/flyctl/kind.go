package flyctl

import "errors"

// What went wrong, if that is known. Test for them with [errors.Is].
var (
	ErrUsage           = errors.New("wrong usage")
	ErrNotInstalled    = errors.New("flyctl is not installed")
	ErrTooOld          = errors.New("flyctl is too old")
	ErrUnauthorized    = errors.New("not authorised")
	ErrAppNotFound     = errors.New("no such app")
	ErrMachineNotFound = errors.New("no such machine")
	ErrMachineState    = errors.New("the machine's state does not allow it")
	ErrImageNotFound   = errors.New("no such image")
	ErrNoConfig        = errors.New("no usable fly.toml")
	ErrLeaseHeld       = errors.New("the machine is leased to somebody else")
	ErrRateLimited     = errors.New("too many requests")
	ErrTransient       = errors.New("a fault that may pass")
	ErrInterrupted     = errors.New("flyctl was interrupted, and not by us")
	ErrBadOutput       = errors.New("flyctl's output cannot be read")
)

var allKinds = []error{ErrUsage, ErrNotInstalled, ErrTooOld, ErrUnauthorized, ErrAppNotFound, ErrMachineNotFound, ErrMachineState,
	ErrImageNotFound, ErrNoConfig, ErrLeaseHeld, ErrRateLimited, ErrTransient, ErrInterrupted, ErrBadOutput}

// advice says what a person can do about an error.
var advice = map[error]string{
	ErrUnauthorized: "set FLY_API_TOKEN to a token that may deploy this app (fly tokens create deploy), or run fly auth login",
	ErrAppNotFound:  "check the app's name, and that the token is for its organisation",
	ErrLeaseHeld:    "another deploy is at work, or one that died left its lease: leases expire within minutes",
}
