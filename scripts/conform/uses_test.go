package main

import (
	"reflect"
	"slices"
	"testing"

	"github.com/flydrain/flydrain/drain/flyctl"
)

func TestEveryMethodThatRunsFlyctlIsCalledAndEveryOptionSet(t *testing.T) {
	var called, methods []string
	for _, c := range calls(t.Context(), nil) {
		called = append(called, c.method)
	}
	client := reflect.TypeFor[*flyctl.Client]()
	for i := range client.NumMethod() {
		methods = append(methods, client.Method(i).Name)
	}
	slices.Sort(called)
	if !slices.Equal(called, methods) {
		t.Errorf("called %v\nof     %v", called, methods)
	}
	noGPU := []string{"GPUs", "GPUKind"} // flyctl makes no machines with GPUs any more
	for _, options := range []any{deployOptions, cloneOptions, guest, updateOptions, stopOptions.StopConfig} {
		v := reflect.ValueOf(options)
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains(noGPU, name) {
				t.Errorf("%T.%s is not set", options, name)
			}
		}
	}
}
