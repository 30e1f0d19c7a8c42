package drain

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/flydrain/flydrain/drain/internal/safe"
)

const plantedToken = "fm2_lJPE/CAAA+AAADyKx=BDk9v7b8Zq1+TfWm0V/5xQw=="

// evil is what others may say.
const evil = "\x1b[2J##[add-mask]draining\r::stop-commands::x\u202e\u009b1m " + plantedToken

// fill puts evil into each text of v, and one element into each list.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	}
}

func harmless(t *testing.T, what string, text string) {
	t.Helper()
	for _, r := range text {
		if !unicode.IsPrint(r) {
			t.Errorf("%s has %U: %q", what, r, text)
			return
		}
	}
	if strings.Contains(text, "lJPE") || strings.Contains(text, "##[") || strings.HasPrefix(text, "::") {
		t.Errorf("%s has a token or a command for CI: %q", what, text)
	}
}

// A field of another kind, say a map, needs a line in package safe.
func TestEachTextOfAnEventAReportAndAPlanIsSafe(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plantedToken)
	report, plan, event := Report{}, Plan{}, Event{}
	for _, v := range []any{&report, &plan, &event} {
		fill(reflect.ValueOf(v).Elem())
		safe.In(v)
	}
	told := Event{}
	l := &listener{tell: func(e Event) { told = e }}
	sent := Event{}
	fill(reflect.ValueOf(&sent).Elem())
	l.send(sent)
	r := Release{Apps: []App{{Name: "my-app"}}}
	made, _ := r.run(t.Context(), func(j *run, _ context.Context) error {
		fill(reflect.ValueOf(&j.report).Elem())
		return nil
	})
	for _, v := range []any{report, plan, event, told, made} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		harmless(t, reflect.TypeOf(v).Name()+" in JSON", string(data))
		walk(v, func(text string) { harmless(t, reflect.TypeOf(v).Name(), text) })
	}
}

// walk calls see with each text of v.
func walk(v any, see func(string)) {
	var in func(reflect.Value)
	in = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			see(v.String())
		case reflect.Slice:
			for i := range v.Len() {
				in(v.Index(i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				in(key)
				in(v.MapIndex(key))
			}
		case reflect.Pointer:
			if !v.IsNil() {
				in(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					in(v.Field(i))
				}
			}
		}
	}
	in(reflect.ValueOf(v))
}

// What is not valid is not repeated in clear, and neither is the error of a user's own.
func TestNoErrorOfAnOperationShowsAToken(t *testing.T) {
	t.Setenv("FLY_API_TOKEN", plantedToken)
	for name, r := range map[string]Release{
		"app":        {Apps: []App{{Name: evil}}},
		"image":      {Apps: []App{{Name: "my-app", Image: evil}}},
		"config":     {Apps: []App{{Name: "my-app", Config: evil}}},
		"arguments":  {Apps: []App{{Name: "my-app", Args: []string{evil}}}},
		"a flag":     {Apps: []App{{Name: "my-app", Args: []string{"-" + evil}}}},
		"two apps":   {Apps: []App{{Name: "my-app"}, {Name: "my-app"}}},
		"a folder":   {Apps: []App{{Name: "my-app", Dir: evil}}},
		"a duration": {Apps: []App{{Name: "my-app"}}, Bake: -time.Second},
	} {
		r.Flyctl = nil
		t.Setenv("FLYCTL", "/"+evil)
		report, err := r.Deploy(t.Context())
		_, planned := r.Plan(t.Context(), opDeploy)
		_, unknown := r.Plan(t.Context(), evil)
		_, piped := r.Steps(t.Context()).Blue().String()
		for _, err := range []error{err, planned, unknown, piped} {
			if err == nil {
				t.Fatalf("%s: no error", name)
			}
			for line := range strings.Lines(err.Error()) {
				harmless(t, name, strings.TrimSuffix(line, "\n"))
			}
		}
		walk(report, func(text string) { harmless(t, name, text) })
	}
	cause := errors.New("why")
	if err := safe.Error(cause); !errors.Is(err, cause) || safe.Error(nil) != nil {
		t.Errorf("the cause is lost: %v", err)
	}
}
