// Sockets is a WebSocket server that asks its clients to reconnect when it is told to
// drain. It is for apps whose connections would last for days: copy drain and what it
// calls into a server of yours, and release it with
//
//	deploy -app my-app -on-drain '/app/sockets drain'
//
// When the new release serves, flydrain runs that command in each old machine. The
// server then closes its sockets one by one, with the status 1012 (service restart),
// and each client connects again, to a new machine. So an old machine is idle within
// seconds, and no client loses a message that it has been sent. A client must
// reconnect by itself, as it must when a network fails.
package main

import (
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// control is where the server can be told to drain. No port of fly.toml leads there, so
// only commands inside the machine reach it.
const control = "127.0.0.1:8081"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "drain" {
		res, err := http.Post("http://"+control, "", nil)
		if err != nil || res.StatusCode != http.StatusOK {
			fmt.Fprintln(os.Stderr, "sockets: cannot tell the server to drain:", err)
			os.Exit(1)
		}
		return
	}
	s := &server{each: 50 * time.Millisecond}
	failed := make(chan error)
	go func() { failed <- http.ListenAndServe(control, http.HandlerFunc(s.drain)) }()
	go func() { failed <- http.ListenAndServe(":8080", s) }()
	fmt.Fprintln(os.Stderr, "sockets:", <-failed)
	os.Exit(1)
}

// server echoes what its clients send.
type server struct {
	each     time.Duration // between two sockets that it closes
	open     sync.Map      // by *websocket.Conn
	draining sync.Mutex    // held while it drains
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // it has been answered
	}
	defer c.CloseNow()
	s.open.Store(c, nil)
	defer s.open.Delete(c)
	for {
		kind, message, err := c.Read(r.Context())
		if err == nil {
			err = c.Write(r.Context(), kind, message)
		}
		if err != nil {
			return
		}
	}
}

// drain begins to close the sockets, and answers at once: a command in a machine has
// half a minute. To be told twice is the same as once.
func (s *server) drain(http.ResponseWriter, *http.Request) {
	go func() {
		if !s.draining.TryLock() {
			return
		}
		defer s.draining.Unlock()
		s.open.Range(func(c, _ any) bool {
			go c.(*websocket.Conn).Close(websocket.StatusServiceRestart, "please reconnect") // which waits for the client
			time.Sleep(s.each)
			return true
		})
	}()
}
