package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ours is how the apps of this program are named: with the time, and a random part.
var ours = regexp.MustCompile(`^flydrain-prove-(\d{12})-[0-9a-f]{8}$`)

const minutes = "200601021504"

func newName() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return "flydrain-prove-" + time.Now().UTC().Format(minutes) + "-" + hex.EncodeToString(random)
}

// outlived returns the apps that no run can still be at work on.
func outlived(names []string, hold time.Duration) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		made, err := time.Parse(minutes, ours.FindStringSubmatch(name)[1])
		return err != nil || time.Since(made) < hold+longest
	})
}

// left returns the apps of this program that are there.
func (p *prover) left(ctx context.Context) (names []string, err error) {
	var apps []struct{ Name string }
	res, err := p.do(ctx, "apps", "list", "--org", p.org, "--json")
	if err == nil {
		err = json.Unmarshal(res.Stdout, &apps)
	}
	for _, a := range apps {
		if ours.MatchString(a.Name) {
			names = append(names, a.Name)
		}
	}
	return names, err
}

// remove destroys apps with all that is in them, and returns when none is listed. It
// does not ask the list first, which can be late.
func (p *prover) remove(ctx context.Context, names ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	for _, name := range names {
		for {
			_, failed := p.do(ctx, "apps", "destroy", name, "--yes")
			if failed != nil && strings.Contains(failed.Error(), "Could not find App") {
				failed = nil
			}
			there, err := p.left(ctx)
			if err = errors.Join(failed, err); err == nil && !slices.Contains(there, name) {
				p.say("destroyed: %s", name)
				break
			}
			if wait(ctx, p.every) != nil {
				return fmt.Errorf("could not destroy every app: one that is left costs money: run: fly apps destroy %s: %w", strings.Join(names, " "), err)
			}
		}
	}
	return nil
}
