package flyctl

func fakeUnix(string) int { return 1 }
