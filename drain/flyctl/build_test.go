package flyctl

import (
	"errors"
	"strings"
	"testing"
)

func TestABuildIsPushedUnderItsLabelWithTheUsersFlags(t *testing.T) {
	c, f := client(saying(Result{}))
	c.Config = "x.toml"
	if _, err := c.Build(t.Context(), "v2", "--remote-only", "--build-arg", "A=B"); err != nil {
		t.Fatal(err)
	}
	wantArgs(t, f.calls[0].Args, "deploy --app my-app --config x.toml --build-only --push --image-label v2 --remote-only --build-arg A=B")
}

// What flyctl says on standard error while it builds; the first image line is
// the build's own doing.
const buildTalk = `==> Building image
#7 0.4 image: not-this-one
image: registry.fly.io/base:v0
--> Building image done
image: registry.fly.io/my-app:v2
image size: 12 MB
`

func TestBuildGivesTheImageThatFlyctlNamesLast(t *testing.T) {
	c, f := client(saying(Result{Stdout: []byte("image: registry.fly.io/wrong:v0\n"), Stderr: []byte(buildTalk)}))
	c.Dir = "/app"
	ref, err := c.Build(t.Context(), "v2")
	if err != nil || ref != "registry.fly.io/my-app:v2" {
		t.Errorf("got %q, %v", ref, err)
	}
	if f.calls[0].Dir != "/app" {
		t.Errorf("it ran in %q", f.calls[0].Dir)
	}
}

func TestAnImageLineIsFoundWithoutALineBreakBeforeStderr(t *testing.T) {
	if ref := builtImage(Result{Stdout: []byte("no line break"), Stderr: []byte("\x1b[1mimage: a:b\x1b[0m")}); ref != "a:b" {
		t.Errorf("got %q", ref)
	}
}

func TestABuildOfNothingHasNoImage(t *testing.T) {
	c, _ := client(saying(Result{Stderr: []byte("==> Building image\nimage found: img_1\n")}))
	if ref, err := c.Build(t.Context(), "v2"); ref != "" || err != nil {
		t.Errorf("got %q, %v", ref, err)
	}
}

func TestABuildWhoseImageIsAFlagIsNotBelieved(t *testing.T) {
	c, _ := client(saying(Result{Stderr: []byte("image: --force\n")}))
	if ref, err := c.Build(t.Context(), "v2"); ref != "" || !errors.Is(err, ErrBadOutput) {
		t.Errorf("got %q, %v", ref, err)
	}
}

func TestABuildWithHostileWordsIsRefused(t *testing.T) {
	for _, label := range append([]string{".v2", strings.Repeat("a", 129)}, hostile...) {
		c, f := client(saying(Result{}))
		_, err := c.Build(t.Context(), label)
		refused(t, f, err)
	}
	c, f := client(saying(Result{}))
	_, err := c.Build(t.Context(), "v2", "--app=other")
	refused(t, f, err)
}
