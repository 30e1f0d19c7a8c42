package flyctl

import "testing"

func TestImagesAreTheSameByDigestElseByName(t *testing.T) {
	tagged := ImageRef{Registry: "registry.fly.io", Repository: "my-app", Tag: "v1"}
	other, one, two := tagged, tagged, tagged
	other.Tag, one.Digest, two.Digest = "v2", "sha256:11", "sha256:22"
	for _, tc := range []struct {
		a, b ImageRef
		want bool
	}{{tagged, tagged, true}, {tagged, other, false}, {one, two, false}, {one, tagged, true}, {ImageRef{Digest: "sha256:11"}, one, true}} {
		if tc.a.Same(tc.b) != tc.want || tc.b.Same(tc.a) != tc.want {
			t.Errorf("%v and %v: want %v", tc.a, tc.b, tc.want)
		}
	}
}
