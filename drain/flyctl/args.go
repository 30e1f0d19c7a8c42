package flyctl

// The argument vectors of the commands that change something, for whoever wants
// to show them before they run. Each is the one that the method of its name runs.

// BuildArgs are those of Build.
func (c *Client) BuildArgs(label string, extra ...string) ([]string, error) {
	return buildArgs(c.configArgs(), label, extra)
}

// DeployArgs are those of Deploy.
func (c *Client) DeployArgs(opts DeployOptions) ([]string, error) {
	return deployArgs(c.configArgs(), opts)
}

// CloneArgs are those of Clone.
func (c *Client) CloneArgs(id string, opts CloneOptions) ([]string, error) {
	return cloneArgs(c.App, id, opts)
}

// StopArgs are those of Stop.
func (c *Client) StopArgs(id string, how StopConfig) ([]string, error) {
	return stopArgs(c.App, id, how)
}

// MachineArgs are those of Cordon, Uncordon, Start and Destroy, by the verb.
func (c *Client) MachineArgs(verb, id string) []string { return machineArgs(c.App, verb, id) }
