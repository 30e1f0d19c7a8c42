package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// stage is facts that need the same scene.
type stage struct {
	set   func(*scene, context.Context) error
	facts []fact
}

var stages = []stage{
	{(*scene).alone, []fact{pooledFor("requests")}},
	{(*scene).beside, []fact{
		noNewOnes,
		listed("create", (*scene).makeSpare), listed("cordon", (*scene).cordonSpare), cordonTells,
		outlives("a stop and a start", (*scene).stopStart), outlives("a restart", (*scene).restart), outlives("an update", (*scene).update),
		execStopped, execOutput, execTime,
		proxyRows, pooledFor("connections"), checksLeave, forced,
		listed("destroy", (*scene).destroySpare),
		keeps("websocket", "WebSocket"), keeps("stream", "HTTP stream"), keeps("h2", "HTTP/2 stream"), keeps("tcp", "raw TCP connection"),
		scheme, lateness, idleSeries, cordonedSeries,
	}},
	{(*scene).rest, []fact{released, bluegreen}},
}

// prove makes an app, looks at all facts, and destroys the app.
func (p *prover) prove(ctx context.Context) (r *report, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.hold+longest, fmt.Errorf("not done after %v", p.hold+longest))
	defer cancel()
	s := &scene{prover: p, app: newName()}
	r = &report{Date: time.Now().UTC(), Regions: p.regions}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	if r.Flyctl, err = s.create(ctx); err != nil {
		return r, err
	}
	var broken error // the scene
	for _, stage := range stages {
		p.say("%s setting up for the next %d facts", time.Now().Format(time.TimeOnly), len(stage.facts))
		if broken == nil {
			broken = stage.set(s, ctx)
		}
		for _, f := range stage.facts {
			if broken != nil {
				r.add(f, seen{}, broken)
				continue
			}
			p.say("%s %s: %s", time.Now().Format(time.TimeOnly), f.name, f.believed)
			got, err := f.look(ctx, s)
			if ctx.Err() != nil {
				err, broken = context.Cause(ctx), context.Cause(ctx)
			}
			p.say("         %s", r.add(f, got, err))
		}
	}
	return r, broken
}
