package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/flydrain/flydrain/drain/flyctl"
)

// slowList is how long the library waits for the list to show a change.
const slowList = 15 * time.Second

// listed is that the list soon shows a change.
func listed(change string, do func(*scene, context.Context) (func(flyctl.Machine) bool, error)) fact {
	return fact{
		"the list soon shows a " + change, fmt.Sprintf("within %v", slowList),
		"listed again and again, once flyctl had returned",
		func(ctx context.Context, s *scene) (seen, error) {
			shows, err := do(s, ctx)
			if err != nil {
				return seen{}, err
			}
			took, err := s.until(ctx, max(s.watch, 2*slowList), s.spare, shows)
			if broken := (*flyctl.Error)(nil); errors.As(err, &broken) {
				return seen{}, err // the list could not be had
			}
			if err != nil {
				return see(false, "%v", err)
			}
			return see(took <= slowList, "shown %v after flyctl had returned", took)
		},
	}
}

func (s *scene) makeSpare(ctx context.Context) (func(flyctl.Machine) bool, error) {
	id, err := s.client.Clone(ctx, s.other, flyctl.CloneOptions{Region: s.regions[0]})
	if err == nil && id == "" {
		err = fmt.Errorf("flyctl did not say which machine it made")
	}
	s.spare = id
	return func(m flyctl.Machine) bool { return m.ID != "" }, err
}

func (s *scene) cordonSpare(ctx context.Context) (func(flyctl.Machine) bool, error) {
	if s.spare == "" {
		return nil, errNoSpare
	}
	err := inTurn(
		func() error { _, err := s.until(ctx, changesWithin, s.spare, flyctl.Machine.Healthy); return err },
		func() (err error) { s.before, err = s.row(ctx); return err },
		func() error { return s.client.Cordon(ctx, s.spare) })
	return func(m flyctl.Machine) bool { return m.Cordoned }, err
}

func (s *scene) destroySpare(ctx context.Context) (func(flyctl.Machine) bool, error) {
	if s.spare == "" {
		return nil, errNoSpare
	}
	return gone, s.client.DestroyForce(ctx, s.spare)
}

var cordonTells = fact{
	"what the list says of a cordon", "cordoned, and nothing else: no event, no updated_at, no nonce",
	"the machine's row before and after the cordon",
	func(ctx context.Context, s *scene) (seen, error) {
		row, err := s.row(ctx)
		if err != nil || s.before == nil {
			return seen{}, cmp.Or(err, errNoSpare)
		}
		changed := maps.Clone(row)
		maps.Copy(changed, s.before) // all keys there are
		maps.DeleteFunc(changed, func(key string, _ any) bool {
			return key == "checks" || reflect.DeepEqual(row[key], s.before[key]) // checks go on
		})
		keys := slices.Sorted(maps.Keys(changed))
		return see(slices.Equal(keys, []string{"cordoned"}), "changed: %s", strings.Join(keys, ", "))
	},
}

// row is the spare machine's, as flyctl prints it. The client does not count this list, so
// it waits until Fly allows one more.
func (s *scene) row(ctx context.Context) (map[string]any, error) {
	_ = wait(ctx, s.every) // if ctx has ended, s.do says so
	res, err := s.do(ctx, "machine", "list", "--json", "--app", s.app)
	var rows []map[string]any
	if err == nil {
		err = json.Unmarshal(res.Stdout, &rows)
	}
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row["id"] == s.spare {
			return row, nil
		}
	}
	return nil, fmt.Errorf("machine %s is not listed", s.spare)
}
