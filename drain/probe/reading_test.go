package probe

import (
	"encoding/json"
	"testing"
	"time"
)

func TestAReadingSaysItsNumberOrWhyItIsUnknown(t *testing.T) {
	for want, r := range map[string]Reading{
		`0 connections {"connections":0}`:                                          Known(0),
		`1 connection {"connections":1}`:                                           Known(1),
		`unknown: no cat {"unknown":"no cat"}`:                                     Unknown("no cat"),
		`unknown: the probe did not answer {"unknown":"the probe did not answer"}`: {},
		`unknown: invalid count -1 {"unknown":"invalid count -1"}`:                 Known(-1),
		`unknown: invalid count -2 {"unknown":"invalid count -2"}`:                 KnownAt(-2, time.Unix(1, 0), time.Minute),
	} {
		data, err := json.Marshal(r)
		if got := r.String() + " " + string(data); got != want || err != nil {
			t.Errorf("got %s (%v), want %s", got, err, want)
		}
	}
}
