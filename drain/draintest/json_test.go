package draintest

import (
	"encoding/json"
	"testing"
)

func TestJSONIsPrintedAsMarshalIndentHasIt(t *testing.T) {
	for _, v := range []any{
		[]int{}, map[string]int{}, nil, 1.5, "", `a "b" \`, "\\", `\"`, "é\n\x00<>", []string{"{", "[,:]", `"`},
		map[string]any{"a": []any{}, "b": []any{map[string]any{}, []any{[]any{1, -2e9}, true}}, `c"d`: map[string]any{"e": nil}},
	} {
		want, err := json.MarshalIndent(v, "", "    ")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := printed(v); err != nil || string(got) != string(want)+"\n" {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
