package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// fate is what became of a connection.
type fate string

const (
	held   fate = "held"
	ended  fate = "ended"
	cut    fate = "cut"
	failed fate = "failed"
)

// connection is one that is held.
type connection struct {
	Address string    `json:"address"`
	Opened  time.Time `json:"opened"`
	Ended   time.Time `json:"ended"`
	Fate    fate      `json:"fate"`
	Why     string    `json:"why,omitempty"`
}

// errGoodbye is how the far end ends a connection in order.
var errGoodbye = errors.New("the far end said goodbye")

// hold opens a connection, says so or that it cannot, and holds it until it or the
// context ends.
func (c *connection) hold(ctx context.Context, opened func()) {
	c.Opened = time.Now()
	stay, err := c.open(ctx)
	opened()
	c.Fate = failed
	if err == nil {
		c.Opened = time.Now()
		err = stay(ctx)
		switch {
		case ctx.Err() != nil:
			c.Fate, err = held, nil
		case errors.Is(err, errGoodbye):
			c.Fate = ended
		default:
			c.Fate = cut
		}
	}
	c.Ended = time.Now()
	if err != nil {
		c.Why = fmt.Sprintf("%+q", err.Error()) // the far end's words stay on their line
	}
}
