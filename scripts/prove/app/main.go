// App is what scripts/prove deploys: it answers with the id of its machine. TCP on port
// 9000, and a WebSocket and GET /stream on port 8080, then stay, and say it again now
// and then, so that nothing takes them for idle.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coder/websocket"
)

func main() {
	machine := os.Getenv("FLY_MACHINE_ID") + "\n"
	raw, err := net.Listen("tcp", ":9000")
	if err != nil {
		log.Fatal(err)
	}
	go serveTCP(raw, machine)
	log.Fatal(http.ListenAndServe(":8080", handler(machine)))
}

func serveTCP(l net.Listener, machine string) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			repeat(context.Background(), conn, machine)
		}()
	}
}

func handler(machine string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") == "websocket":
			if ws, err := websocket.Accept(w, r, nil); err == nil {
				defer ws.CloseNow()
				ctx := ws.CloseRead(context.Background())
				repeat(ctx, websocket.NetConn(ctx, ws, websocket.MessageText), machine)
			}
		case r.URL.Path == "/stream":
			repeat(r.Context(), flushed{w}, machine)
		default:
			fmt.Fprint(w, machine)
		}
	})
}

// repeat writes a text every ten seconds, as long as that can be written.
func repeat(ctx context.Context, to io.Writer, text string) {
	for {
		if _, err := io.WriteString(to, text); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(10 * time.Second):
		}
	}
}

// flushed sends what is written at once.
type flushed struct{ http.ResponseWriter }

func (f flushed) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	if err == nil {
		err = http.NewResponseController(f.ResponseWriter).Flush()
	}
	return n, err
}
