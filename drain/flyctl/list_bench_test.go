package flyctl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// BenchmarkListOfAThousand reads a list of 1,000 machines, as flyctl prints them.
func BenchmarkListOfAThousand(b *testing.B) {
	data := thousand(b)
	c, _ := client(saying(Result{Stdout: data}))
	c.Every = time.Nanosecond // Fly's rate limit is not what is measured
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		ms, err := c.List(b.Context())
		if err != nil || len(ms) != 1000 {
			b.Fatalf("%d machines: %v", len(ms), err)
		}
	}
}

// thousand is the recorded list, again and again under other ids.
func thousand(b *testing.B) []byte {
	var recorded []map[string]json.RawMessage
	if err := json.Unmarshal(recordedList(b), &recorded); err != nil {
		b.Fatal(err)
	}
	rows := make([]map[string]json.RawMessage, 1000)
	for i := range rows {
		rows[i] = map[string]json.RawMessage{}
		for key, value := range recorded[i%len(recorded)] {
			rows[i][key] = value
		}
		rows[i]["id"] = fmt.Appendf(nil, `"1781%010x"`, i)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "    ")
	if err := e.Encode(rows); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}
